/** A question to a client whether it is still there. */
export class LifeCheck {
  /** Resolves with whether there was a sign of life in time. */
  readonly outcome: Promise<boolean>;
  private resolve!: (isAlive: boolean) => void;
  private readonly timer: NodeJS.Timeout;

  constructor(timeoutMs: number) {
    this.outcome = new Promise((resolve) => (this.resolve = resolve));
    // When the server was stalled, what has come meanwhile is read between the two.
    this.timer = setTimeout(() => setImmediate(() => this.end(false)), timeoutMs);
  }

  /** Ends it, if it has not ended: with a sign of life, or because the connection has ended. */
  end(isAlive: boolean): void {
    clearTimeout(this.timer);
    this.resolve(isAlive);
  }
}
