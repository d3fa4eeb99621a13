/** Tells when a message has been under way for too long. */
export class StalledMessage {
  private since?: number;
  private messages = 0;

  /**
   * @param messages that have come as a whole so far
   * @param isUnderWay whether another one has begun
   * @param clockMs of `Connections`
   * @returns for how long that one has been under way, as far as was seen
   */
  look(messages: number, isUnderWay: boolean, clockMs: number): number {
    if (!isUnderWay || messages !== this.messages) this.since = undefined;
    this.messages = messages;
    if (!isUnderWay) return 0;
    this.since ??= clockMs;
    return clockMs - this.since;
  }
}
