/** Waits for a client's sign of life, for a limited time. */
export class LifeCheck {
  /** Resolves with whether a sign of life arrived in time. */
  readonly outcome: Promise<boolean>;
  private resolve!: (isAlive: boolean) => void;
  private readonly timer: NodeJS.Timeout;

  constructor(timeoutMs: number) {
    this.outcome = new Promise((resolve) => (this.resolve = resolve));
    // After a stall of the event loop, Node reads the sockets between the timer and the immediate.
    this.timer = setTimeout(() => setImmediate(() => this.end(false)), timeoutMs);
  }

  /** Ends the wait. Only the first call has an effect. */
  end(isAlive: boolean): void {
    clearTimeout(this.timer);
    this.resolve(isAlive);
  }
}
