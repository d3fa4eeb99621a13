const MIN_MS = 1000;
const MAX_MS = 900_000;
/** Largest share of jitter in a delay. */
const JITTER = 0.25;

/**
 * Returns the delay before an attempt, from a second to 15 minutes: it doubles with each failure.
 * @param failures number of failed attempts so far, at least 1
 */
export function backoffMs(failures: number, random = Math.random()): number {
  const base = Math.min(MIN_MS * 2 ** (failures - 1), MAX_MS / (1 + JITTER));
  return base * (1 + JITTER * random);
}
