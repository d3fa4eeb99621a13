/** Maximum size of a batch, which takes some milliseconds of the event loop. */
const MAX_BATCH = 32;

/** How long work waits for more of it: short beside the handshake of a connection. */
const WAIT_MS = 2;

/** Lets work that comes one by one be done in batches. */
export class Batches {
  private readonly waiting: (() => void)[] = [];

  /** Resolves two milliseconds after the first one that waits, or in a later turn of the event loop if the batch is full. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      if (this.waiting.push(resolve) === 1) setTimeout(this.release, WAIT_MS);
    });
  }

  private readonly release = (): void => {
    for (const resolve of this.waiting.splice(0, MAX_BATCH)) resolve();
    if (this.waiting.length > 0) setImmediate(this.release);
  };
}
