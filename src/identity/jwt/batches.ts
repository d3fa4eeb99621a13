/** Maximum size of a batch, which takes some milliseconds of the event loop. */
const MAX_BATCH = 32;

/** Lets work that comes one by one be done in batches. */
export class Batches {
  private readonly waiting: (() => void)[] = [];

  /** Resolves after the present turn of the event loop, or after a later one if the batch is full. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      if (this.waiting.push(resolve) === 1) setImmediate(this.release);
    });
  }

  private readonly release = (): void => {
    for (const resolve of this.waiting.splice(0, MAX_BATCH)) resolve();
    if (this.waiting.length > 0) setImmediate(this.release);
  };
}
