/** Reasons for which the server ends a connection. Each protocol tells the client. */
export type Goodbye =
  | 'message timeout'
  | 'memory exceeded'
  | 'too slow'
  | 'rate exceeded'
  | 'login timeout'
  | 'refused'
  | 'expired'
  | 'left'
  | 'replaced'
  | 'removed'
  | 'server shutdown';

/** Reasons for which a client is no longer connected, as they are named in logs and metrics. */
export type EndReason =
  Goodbye | 'closed by client' | 'connection lost' | 'no sign of life' | 'protocol violation' | 'unused';
