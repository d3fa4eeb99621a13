/** How many messages, and bytes of them, go at once. */
const MAX_BATCH = 500;
const MAX_BATCH_BYTES = 4 * 1_048_576;
/**
 * From one batch to the next at least, unless it is full: a batch costs both nodes and Redis more than what is in it. What
 * comes after a pause goes at once.
 */
const PAUSE_MS = 4;

interface Waiting {
  readonly bytes: Buffer;
  readonly resolve: (wasHandedOver: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * What one node sends to another one: one batch at a time. What is to be sent while a batch is on its way goes with the next
 * one, in order; so the more there is to send, the less each message costs.
 */
export class Outbox {
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  private isBusy = false;
  /** When the last batch went, of `performance.now()`. */
  private wentAt = -Infinity;

  /** @param write sends a batch; resolves with whether it was handed over */
  constructor(private readonly write: (batch: readonly Buffer[]) => Promise<boolean>) {}

  /** Whether a batch is full before it can go. */
  get isFull(): boolean {
    return this.waiting.length >= MAX_BATCH || this.waitingBytes >= MAX_BATCH_BYTES;
  }

  /** Resolves with what `write` does for its batch, or rejects with it. */
  send(bytes: Buffer): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ bytes, resolve, reject });
      this.waitingBytes += bytes.length;
      if (!this.isBusy) this.schedule();
    });
  }

  private schedule(): void {
    this.isBusy = true;
    const pauseMs = this.isFull ? 0 : this.wentAt + PAUSE_MS - performance.now();
    // What this turn of the event loop still brings goes with it.
    if (pauseMs <= 0) setImmediate(() => void this.writeBatch());
    else setTimeout(() => void this.writeBatch(), pauseMs);
  }

  private async writeBatch(): Promise<void> {
    const batch = this.takeBatch();
    this.wentAt = performance.now();
    try {
      const wasHandedOver = await this.write(batch.map(({ bytes }) => bytes));
      for (const { resolve } of batch) resolve(wasHandedOver);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    this.isBusy = false;
    if (this.waiting.length > 0) this.schedule();
  }

  private takeBatch(): Waiting[] {
    let bytes = 0;
    const end = this.waiting.findIndex((message, at) => {
      bytes += message.bytes.length;
      return at === MAX_BATCH || (at > 0 && bytes > MAX_BATCH_BYTES);
    });
    const batch = this.waiting.splice(0, end === -1 ? this.waiting.length : end);
    for (const message of batch) this.waitingBytes -= message.bytes.length;
    return batch;
  }
}
