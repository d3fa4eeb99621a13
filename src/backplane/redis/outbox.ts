/** Bounds of a batch; a single larger message is a batch of its own. */
const MAX_BATCH = 500;
const MAX_BATCH_BYTES = 4 * 1_048_576;
/**
 * Shortest time between the starts of two batches, unless a batch is full. Each batch wakes Redis and the receiving
 * node, which costs more than its contents: at 2,000 messages a second a message costs 94 us of CPU, under full load,
 * with large batches, 13 us (docs/scaling.md). The first message after a pause is sent at once.
 */
const MIN_INTERVAL_MS = 4;

interface PendingMessage {
  readonly bytes: Buffer;
  readonly resolve: (isAccepted: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends messages from this node to one other node, one batch at a time and in order. Messages that arrive while a batch
 * is in flight form the next one, so that batches grow, and the cost per message falls, with the load.
 */
export class Outbox {
  private pending: PendingMessage[] = [];
  private pendingBytes = 0;
  /** Whether a batch is scheduled or in flight. */
  private isBusy = false;
  /** Start of the last batch, of `performance.now()`. */
  private lastBatchAt = -Infinity;

  /** @param write sends a batch; resolves with whether the other node gets it */
  constructor(private readonly write: (batch: readonly Buffer[]) => Promise<boolean>) {}

  /** Whether the pending messages fill a batch. */
  get isFull(): boolean {
    return this.pending.length >= MAX_BATCH || this.pendingBytes >= MAX_BATCH_BYTES;
  }

  /** Queues a message. Resolves, or rejects, as `write` does for its batch. */
  send(bytes: Buffer): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.pending.push({ bytes, resolve, reject });
      this.pendingBytes += bytes.length;
      if (!this.isBusy) this.schedule();
    });
  }

  private schedule(): void {
    this.isBusy = true;
    const delayMs = this.isFull ? 0 : this.lastBatchAt + MIN_INTERVAL_MS - performance.now();
    // setImmediate: messages of the same event-loop turn join the batch.
    if (delayMs <= 0) setImmediate(() => void this.writeBatch());
    else setTimeout(() => void this.writeBatch(), delayMs);
  }

  private async writeBatch(): Promise<void> {
    const batch = this.takeBatch();
    this.lastBatchAt = performance.now();
    try {
      const isAccepted = await this.write(batch.map(({ bytes }) => bytes));
      for (const { resolve } of batch) resolve(isAccepted);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    this.isBusy = false;
    if (this.pending.length > 0) this.schedule();
  }

  private takeBatch(): PendingMessage[] {
    let bytes = 0;
    const end = this.pending.findIndex((message, at) => {
      bytes += message.bytes.length;
      return at === MAX_BATCH || (at > 0 && bytes > MAX_BATCH_BYTES);
    });
    const batch = this.pending.splice(0, end === -1 ? this.pending.length : end);
    for (const message of batch) this.pendingBytes -= message.bytes.length;
    return batch;
  }
}
