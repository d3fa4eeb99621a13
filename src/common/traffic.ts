/** What has gone over a connection so far. */
export interface Traffic {
  readonly framesIn: number;
  readonly framesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Bytes that were written and that the client has not read yet. */
  readonly waitingBytes: number;
  /** Milliseconds since 1970; up to a second early where a coarse clock measures it. */
  readonly lastSeenAt: number;
}
