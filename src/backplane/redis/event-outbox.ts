import { setTimeout as sleep } from 'node:timers/promises';
import { isUnavailable } from '../../common/domain-error.js';

/** Bounds of a batch; a single larger event is a batch of its own. */
const MAX_BATCH = 200;
const MAX_BATCH_CHARACTERS = 262_144;
/** Bound of what waits, beside the number of events. */
const MAX_WAITING_CHARACTERS = 67_108_864;
/** Shortest time between the starts of two batches. The first event after a pause is sent at once. */
const MIN_INTERVAL_MS = 5;
/** Delay before a batch is sent again. */
const RETRY_MS = 100;

/** Events that are written together. */
export interface EventBatch {
  /** Number of the batch: one more than that of the batch before. */
  readonly number: number;
  /** Number of events before this batch that were dropped. */
  readonly lost: number;
  /** JSON of each event. */
  readonly events: readonly string[];
}

/**
 * The events of this node that are still to be written, in order. They are written in batches, one at a time; a batch
 * that fails is written again until it succeeds. If too many wait, the oldest are dropped.
 */
export class EventOutbox {
  /** Number of events that were dropped. */
  dropped = 0;
  private waiting: string[] = [];
  private waitingCharacters = 0;
  private lost = 0;
  private batches = 0;
  private lastBatchAt = -Infinity;
  /** Number of events that were added, and of those that were written or dropped. */
  private added = 0;
  private settled = 0;
  private isWriting = false;
  /** What the next batch waits for. */
  private held = Promise.resolve();
  private isClosed = false;
  /** Called whenever events are settled. */
  private readonly watchers = new Set<() => void>();

  /**
   * @param write writes a batch, at most once for each number
   * @param maxWaiting number of events that may wait
   * @param onRefused receives the error of a batch that can never be written, and is dropped
   */
  constructor(
    private readonly write: (batch: EventBatch) => Promise<unknown>,
    private readonly maxWaiting: () => number,
    private readonly onRefused: (error: unknown) => void,
  ) {}

  add(text: string): void {
    this.waiting.push(text);
    this.waitingCharacters += text.length;
    const excess = this.waiting.length - this.maxWaiting();
    // In portions: each removal copies the rest.
    if (excess > MAX_BATCH || this.waitingCharacters > MAX_WAITING_CHARACTERS) this.drop(Math.max(excess, MAX_BATCH));
    this.added++;
    if (!this.isWriting) void this.writeAll();
  }

  /** Resolves with true when all events so far are written or dropped, or with false after `timeoutMs`. */
  flush(timeoutMs: number): Promise<boolean> {
    const target = this.added;
    if (this.settled >= target) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (isDone: boolean): void => {
        this.watchers.delete(check);
        clearTimeout(timer);
        resolve(isDone);
      };
      const check = (): void => {
        if (this.settled >= target) finish(true);
      };
      const timer = setTimeout(() => finish(false), timeoutMs);
      this.watchers.add(check);
    });
  }

  /** Holds events back until a promise resolves, which must not reject. */
  hold(until: Promise<unknown>): void {
    // Without a value: that of Promise.all would keep the values of all earlier promises.
    this.held = this.held.then(() => until).then(() => undefined);
  }

  /** Gives up what still waits. */
  close(): void {
    this.isClosed = true;
  }

  private drop(count: number): void {
    const dropped = this.waiting.splice(0, count);
    for (const { length } of dropped) this.waitingCharacters -= length;
    this.giveUp(dropped.length);
  }

  private giveUp(count: number): void {
    this.lost += count;
    this.dropped += count;
    this.settle(count);
  }

  private settle(count: number): void {
    this.settled += count;
    for (const watcher of this.watchers) watcher();
  }

  private async writeAll(): Promise<void> {
    this.isWriting = true;
    while (this.waiting.length > 0 && !this.isClosed) {
      const delayMs = this.lastBatchAt + MIN_INTERVAL_MS - performance.now();
      // Events of the same turn of the event loop join the batch.
      await (delayMs > 0 ? sleep(delayMs) : new Promise((resolve) => setImmediate(resolve)));
      // Events that are added meanwhile may have to be held back for longer.
      const { added } = this;
      await this.held;
      await this.writeBatch(added);
    }
    this.isWriting = false;
  }

  /** @param added number of events that had been added when the batch was due */
  private async writeBatch(added: number): Promise<void> {
    const due = this.waiting.length - (this.added - added);
    // They may have been dropped.
    if (due <= 0) return;
    const { lost } = this;
    this.lost = 0;
    const batch = { number: ++this.batches, lost, events: this.take(due) };
    this.lastBatchAt = performance.now();
    while (!this.isClosed) {
      try {
        await this.write(batch);
        this.settle(batch.events.length);
        return;
      } catch (error) {
        if (!isUnavailable(error)) {
          this.onRefused(error);
          this.giveUp(batch.events.length);
          return;
        }
        // Redis is away, which the backplane reports.
        await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
  }

  private take(most: number): string[] {
    let characters = 0;
    const end = this.waiting.findIndex(({ length }, at) => {
      characters += length;
      return at === MAX_BATCH || (at > 0 && characters > MAX_BATCH_CHARACTERS);
    });
    const events = this.waiting.splice(0, end === -1 ? most : Math.min(end, most));
    for (const { length } of events) this.waitingCharacters -= length;
    return events;
  }
}
