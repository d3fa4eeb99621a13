/** Traffic of a connection so far. */
export interface Traffic {
  readonly framesIn: number;
  readonly framesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Bytes written that the client has not read yet. */
  readonly waitingBytes: number;
  /** Milliseconds since 1970; up to one second early, because some connections use a coarse clock. */
  readonly lastSeenAt: number;
}
