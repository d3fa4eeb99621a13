/**
 * Waits for all of several pieces of work, also if some of them fail.
 * @throws what the first one that failed has thrown
 */
export async function settled(work: readonly Promise<unknown>[]): Promise<void> {
  const failure = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected');
  if (failure) throw (failure as PromiseRejectedResult).reason;
}
