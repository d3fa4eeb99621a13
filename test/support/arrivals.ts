/**
 * Functions of running servers with several nodes. Each resolves when all messages now in flight between its nodes have
 * arrived.
 */
export const ARRIVALS = new Set<() => Promise<unknown>>();

/** Waits until clients have received everything sent so far. A single node has nothing in flight. */
export async function allHasArrived(): Promise<void> {
  await Promise.all([...ARRIVALS].map((arrival) => arrival()));
}
