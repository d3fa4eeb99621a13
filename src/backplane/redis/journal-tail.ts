import { setTimeout as sleep } from 'node:timers/promises';
import type { Following, JournalListener, JournalPage } from '../../events/event-journal.js';
import { JournalFollowers } from '../../events/journal-followers.js';
import { batchOf, entryId, pageOf, type StreamEntry } from './journal-entries.js';
import type { RedisClient, RedisConnection } from './redis-connection.js';

/** Longest time that a read blocks in Redis. */
const BLOCK_MS = 1000;
/** Delay after a failed read. */
const RETRY_MS = 50;
/** Most batches of one read. */
const BATCHES = 10;
/** Most pages that wait for a follower whose beginning is not known yet. */
const MAX_EARLY_PAGES = 100;

type Reply = readonly (readonly [key: string, entries: readonly StreamEntry[]])[] | null;

/** A listener that hears events behind a position. Pages that come before the position is known wait for it. */
class Follower {
  private since?: number;
  private isStopped = false;
  private readonly early: JournalPage[] = [];

  constructor(private readonly listener: JournalListener) {}

  hear(page: JournalPage): void {
    if (this.since !== undefined) this.pass(page, this.since);
    else if (this.early.length < MAX_EARLY_PAGES) this.early.push(page);
  }

  /** @param isGap whether the listener has missed events before the position */
  begin(since: number, isGap: boolean): void {
    if (this.isStopped) return;
    this.since = since;
    if (isGap || this.early.length === MAX_EARLY_PAGES) this.listener({ entries: [], isGap: true });
    for (const page of this.early.splice(0)) this.pass(page, since);
  }

  stop(): void {
    this.isStopped = true;
  }

  private pass({ entries, isGap }: JournalPage, since: number): void {
    const later = entries.filter(({ position }) => position > since);
    if (later.length > 0 || isGap) this.listener({ entries: later, isGap });
  }
}

/** Reads new events of the journal, on a connection of its own, while anything on this node follows it. */
export class JournalTail {
  private readonly followers = new JournalFollowers();
  private reader?: RedisClient;

  /** @param newest position of the newest event; rejects while Redis is away */
  constructor(
    private readonly redis: RedisConnection,
    private readonly key: string,
    private readonly newest: () => Promise<number>,
  ) {}

  /** @param beginning position behind which the listener hears events; rejects while Redis is away */
  follow(listener: JournalListener, beginning: () => Promise<number>): Following {
    const follower = new Follower(listener);
    const remove = this.followers.add((page) => follower.hear(page));
    if (!this.reader) this.start();
    const ready = beginning().then(
      (position) => follower.begin(position, false),
      () => follower.begin(0, true),
    );
    const stop = (): void => {
      follower.stop();
      remove();
      if (this.followers.size === 0) this.stop();
    };
    return { ready, stop };
  }

  stop(): void {
    this.reader?.disconnect();
    this.reader = undefined;
  }

  private start(): void {
    const reader = (this.reader = this.redis.forBlocking(BLOCK_MS));
    void this.read(reader);
  }

  private async read(reader: RedisClient): Promise<void> {
    let position: number | undefined;
    let hasFailed = false;
    while (this.reader === reader) {
      try {
        if (position === undefined) {
          position = await this.newest();
          // What was appended before is unknown.
          if (hasFailed) this.followers.tell({ entries: [], isGap: true });
        }
        position = await this.readBehind(reader, position);
      } catch {
        // There is no connection. ioredis reconnects by itself.
        hasFailed = true;
        await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
  }

  /** Waits for events behind a position, and tells the followers. Resolves with the position of the last one. */
  private async readBehind(reader: RedisClient, after: number): Promise<number> {
    const from = entryId(after);
    const reply = (await reader.xread('COUNT', BATCHES, 'BLOCK', BLOCK_MS, 'STREAMS', this.key, from)) as Reply;
    const batches = (reply?.[0]?.[1] ?? []).map(batchOf);
    let position = after;
    while (position < (batches.at(-1)?.last ?? 0)) {
      const page = pageOf(batches, position);
      position = page.entries.at(-1)!.position;
      if (this.reader === reader) this.followers.tell(page);
    }
    return position;
  }
}
