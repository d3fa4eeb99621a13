/** Returns a value of an option in a form that JSON has. */
export function plain(value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value as Map<string, unknown>) : value;
}
