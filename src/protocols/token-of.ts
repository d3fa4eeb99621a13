/** Returns the token in the credential that a client sends in a message; undefined if there is none. */
export function tokenOf(credential: unknown): string | undefined {
  if (typeof credential !== 'object' || credential === null || !('token' in credential)) return undefined;
  return typeof credential.token === 'string' ? credential.token : undefined;
}
