/** Runs a limited number of pieces of work at the same time. The others wait in their order. */
export class Turns {
  private readonly waiting = new Set<() => void>();
  private free: number;

  constructor(limit: number) {
    this.free = limit;
  }

  /** @throws the reason of the signal if it aborts before the turn */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.free > 0) this.free--;
    else await this.turn(signal);
    try {
      return await work();
    } finally {
      this.next();
    }
  }

  private turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        this.waiting.delete(start);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.waiting.add(start);
    });
  }

  /** Passes the turn on. */
  private next(): void {
    const [start] = this.waiting;
    if (!start) {
      this.free++;
      return;
    }
    this.waiting.delete(start);
    start();
  }
}
