/** Measures how long a message has been incomplete. */
export class StalledMessage {
  private since?: number;
  private messages = 0;

  /**
   * @param messages number of messages that have arrived whole
   * @param isUnderWay whether another message has begun
   * @param clockMs of `Connections`
   * @returns milliseconds since the first check that saw this message
   */
  look(messages: number, isUnderWay: boolean, clockMs: number): number {
    if (!isUnderWay || messages !== this.messages) this.since = undefined;
    this.messages = messages;
    if (!isUnderWay) return 0;
    this.since ??= clockMs;
    return clockMs - this.since;
  }
}
