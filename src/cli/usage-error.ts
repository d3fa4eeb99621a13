/** Arguments that a command does not understand. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
