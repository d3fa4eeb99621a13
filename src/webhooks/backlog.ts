import type { JournalEntry } from '../events/event-journal.js';

/** Most events that are kept in memory. The others are read from the journal when their turn comes. */
const MAX_LOADED = 1000;
/** Removed places at the beginning of the array that are worth the copy of the rest. */
const MIN_REMOVED = 1024;

/** Reads successive events of the journal behind a position. */
export type ReadEvents = (after: number) => Promise<readonly JournalEntry[]>;

/** The events that wait for one endpoint, in the order of their delivery. */
export class Backlog {
  private positions: number[] = [];
  /** Number of places at the beginning of `positions` whose events are removed. */
  private removed = 0;
  /** The first events of `positions`. */
  private loaded: JournalEntry[] = [];
  /** Ends the wait of `someAdded`. */
  private onAdded?: () => void;

  /**
   * @param maxWaiting number of events beyond which the oldest are dropped
   * @param onDrop receives the number of events that are dropped
   */
  constructor(
    private readonly maxWaiting: number,
    private readonly onDrop: (count: number) => void,
  ) {}

  get size(): number {
    return this.positions.length - this.removed;
  }

  /** Lowest position of an event that waits. Those that were held back are behind later ones. */
  get first(): number | undefined {
    let lowest: number | undefined;
    for (let at = this.removed; at < this.positions.length; at++) {
      const position = this.positions[at]!;
      if (lowest === undefined || position < lowest) lowest = position;
    }
    return lowest;
  }

  add(entry: JournalEntry): void {
    if (this.loaded.length === this.size && this.size < MAX_LOADED) this.loaded.push(entry);
    this.positions.push(entry.position);
    if (this.size > this.maxWaiting) this.drop(1);
    this.onAdded?.();
  }

  /** Resolves when there is an event, or the signal aborts. */
  async someAdded(signal: AbortSignal): Promise<void> {
    if (this.size > 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        signal.removeEventListener('abort', finish);
        resolve();
      };
      this.onAdded = finish;
      signal.addEventListener('abort', finish);
    });
    this.onAdded = undefined;
  }

  /**
   * Returns the next events, which stay until they are removed.
   * @throws what `read` throws
   */
  async next(count: number, read: ReadEvents): Promise<readonly JournalEntry[]> {
    if (this.loaded.length < Math.min(count, this.size)) await this.load(read);
    return this.loaded.slice(0, count);
  }

  /** Removes delivered events, which were the next ones. */
  remove(entries: readonly JournalEntry[]): void {
    const delivered = new Set(entries.map(({ position }) => position));
    let count = 0;
    // Some may have been dropped meanwhile.
    while (count < this.size && delivered.has(this.positions[this.removed + count]!)) count++;
    this.shift(count);
  }

  drop(count: number): void {
    this.shift(count);
    this.onDrop(count);
  }

  /** Reads the next events from the journal. Those that it does not have any more are dropped. */
  private async load(read: ReadEvents): Promise<void> {
    while (this.loaded.length === 0 && this.size > 0) {
      const next = this.positions[this.removed]!;
      const found = new Map((await read(next - 1)).map((entry) => [entry.position, entry]));
      if (this.positions[this.removed] !== next) continue;
      if (!found.has(next)) this.drop(this.lostBefore(Math.min(...found.keys())));
      while (this.loaded.length < this.size) {
        const entry = found.get(this.positions[this.removed + this.loaded.length]!);
        if (!entry) break;
        this.loaded.push(entry);
      }
    }
  }

  /** Number of the next events that are before a position. */
  private lostBefore(position: number): number {
    let count = 1;
    while (count < this.size && this.positions[this.removed + count]! < position) count++;
    return count;
  }

  private shift(count: number): void {
    this.removed += count;
    this.loaded.splice(0, count);
    if (this.removed < MIN_REMOVED || this.removed < this.positions.length / 8) return;
    this.positions = this.positions.slice(this.removed);
    this.removed = 0;
  }
}
