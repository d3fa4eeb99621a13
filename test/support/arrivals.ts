/** Of each server that is several nodes and runs: resolves when all has arrived that is under way between them by now. */
export const ARRIVALS = new Set<() => Promise<unknown>>();

/** What a client sees after that, is all that was sent to it; on a server that is one node, nothing is ever under way. */
export async function allHasArrived(): Promise<void> {
  await Promise.all([...ARRIVALS].map((arrival) => arrival()));
}
