/** Returns the name of a session, which no other connection has: nodes number theirs apart, also after a restart. */
export function sessionName(node: string, session: number): string {
  return `${node}:${session.toString(36)}`;
}
