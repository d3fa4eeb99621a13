/** Why the server sends a client away; the client is told. */
export type Goodbye =
  | 'message timeout'
  | 'memory exceeded'
  | 'too slow'
  | 'rate exceeded'
  | 'login timeout'
  | 'refused'
  | 'left'
  | 'replaced'
  | 'removed'
  | 'server shutdown';

/** Why a client is no longer connected; what logs and metrics call it. */
export type EndReason =
  Goodbye | 'closed by client' | 'connection lost' | 'no sign of life' | 'protocol violation' | 'unused';
