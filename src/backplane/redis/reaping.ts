/** Whether what a dead node owned is still this node's to remove. */
export type IsOurs = () => Promise<boolean>;

/**
 * Removes what a dead node owned, piece by piece, for as long as that is this node's task.
 * @param reap removes so much at most; resolves with how much there was
 */
export async function reapInPieces(
  limit: number,
  isOurs: IsOurs,
  reap: (limit: number) => Promise<unknown>,
): Promise<void> {
  let reaped: unknown = limit;
  while (reaped === limit && (await isOurs())) reaped = await reap(limit);
}
