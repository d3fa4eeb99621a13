import { setTimeout as sleep } from 'node:timers/promises';

/** How many messages, and bytes of them, go at once. */
const MAX_BATCH = 500;
const MAX_BATCH_BYTES = 4 * 1_048_576;
/** From one batch to the next at least: so that many small ones do not cost more than all the rest. */
const PAUSE_MS = 1;

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
      if (this.isBusy) return;
      this.isBusy = true;
      // What this turn of the event loop still brings goes with it.
      setImmediate(() => void this.writeAll());
    });
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.takeBatch();
      const pause = sleep(PAUSE_MS);
      try {
        const wasHandedOver = await this.write(batch.map(({ bytes }) => bytes));
        for (const { resolve } of batch) resolve(wasHandedOver);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      await pause;
    }
    this.isBusy = false;
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
