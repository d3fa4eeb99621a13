/**
 * Waits until all promises are fulfilled or rejected.
 * @throws the first error in the order of the promises
 */
export async function allDone(promises: readonly Promise<unknown>[]): Promise<void> {
  const failure = (await Promise.allSettled(promises)).find(({ status }) => status === 'rejected');
  if (failure) throw (failure as PromiseRejectedResult).reason;
}
