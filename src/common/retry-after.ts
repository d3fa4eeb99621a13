/**
 * Seconds after which a refused request may be repeated, by its HTTP status: a time in which addresses regain a part of
 * their budgets and failures are forgiven, and one in which a node or the backplane may be back.
 */
export const RETRY_AFTER_SECONDS: Readonly<Record<number, number>> = { 429: 6, 503: 5 };

/**
 * Returns the headers that a refusal has for its HTTP status.
 * @param seconds the time after which the request may be repeated, if it is known
 */
export function retryHeaders(
  status: number,
  seconds: number | undefined = RETRY_AFTER_SECONDS[status],
): Readonly<Record<string, string>> {
  return seconds === undefined ? {} : { 'Retry-After': String(seconds) };
}
