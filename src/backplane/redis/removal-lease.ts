/** Renews this node's lease on the removal of a dead node. Resolves with false once another node has the lease. */
export type RenewLease = () => Promise<boolean>;

/**
 * Removes what a node owned in batches, until nothing is left or the lease is lost.
 * @param limit size of a full batch
 * @param removeBatch resolves with the size of the batch that it has removed
 */
export async function removeInBatches(
  limit: number,
  renewLease: RenewLease,
  removeBatch: (limit: number) => Promise<unknown>,
): Promise<void> {
  let removed: unknown = limit;
  while (removed === limit && (await renewLease())) removed = await removeBatch(limit);
}
