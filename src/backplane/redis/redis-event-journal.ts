import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { NodeIdentity } from '../../common/node-identity.js';
import {
  DEFAULT_RETENTION,
  EventJournal,
  type Following,
  type JournalListener,
  type JournalPage,
  type Retention,
} from '../../events/event-journal.js';
import { timeOfId } from '../../events/event-stamps.js';
import { parseEvent, type ServerEvent } from '../../events/server-event.js';
import { Log } from '../../logging/log.js';
import { longer } from '../longer.js';
import { type EventBatch, EventOutbox } from './event-outbox.js';
import { batchOf, entryId, joinEvents, pageOf, type StoredBatch } from './journal-entries.js';
import { JournalTail } from './journal-tail.js';
import { Keys } from './keys.js';
import { RedisConnection } from './redis-connection.js';

/** Batches that are read at once. */
const BATCHES = 20;
/** Longest wait for the events of this node before a reader begins behind them. */
const FLUSH_MS = 1000;
/** How far the clocks of nodes may differ, and how long events may wait before they are appended. */
const MAX_DELAY_MS = 600_000;

/** EventJournal on Redis: one stream, to which all nodes append. */
@Injectable()
export class RedisEventJournal extends EventJournal {
  /** Tells this run of the node from all others. */
  private readonly run = randomUUID();
  private readonly outbox: EventOutbox;
  private readonly tail: JournalTail;
  private retention = DEFAULT_RETENTION;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: Keys,
    private readonly node: NodeIdentity,
    private readonly log: Log,
  ) {
    super();
    this.outbox = new EventOutbox(
      (batch) => this.write(batch),
      () => this.retention.maxEvents,
      (err) => log.logger.error({ err }, 'events could not be written'),
    );
    this.tail = new JournalTail(redis, keys.events.journal, () => this.newest());
  }

  override get dropped(): number {
    return this.outbox.dropped;
  }

  override retain(retention: Retention): void {
    this.retention = longer(this.retention, retention);
  }

  override append(event: ServerEvent): void {
    this.outbox.add(JSON.stringify(event));
  }

  override flush(timeoutMs: number): Promise<boolean> {
    return this.outbox.flush(timeoutMs);
  }

  override hold(until: Promise<unknown>): void {
    this.outbox.hold(until);
  }

  override async read(after: number, count: number): Promise<JournalPage> {
    const batches: StoredBatch[] = [];
    let found = 0;
    for (let from = `(${entryId(after)}`; found < count; from = `(${entryId(batches.at(-1)!.last)}`) {
      const entries = await this.redis.ask((client) =>
        client.xrange(this.keys.events.journal, from, '+', 'COUNT', BATCHES),
      );
      batches.push(...entries.map(batchOf));
      found = batches.reduce((sum, { events }) => sum + events.length, 0);
      if (entries.length < BATCHES) break;
    }
    return pageOf(batches, after, count);
  }

  override async newest(): Promise<number> {
    return Number((await this.redis.ask((client) => client.get(this.keys.events.last))) ?? 0);
  }

  /** Looks from the newest event back: most readers were away for a short time. */
  override async find(id: string): Promise<number | undefined> {
    const time = timeOfId(id);
    if (time === undefined) return undefined;
    // Only what may be the event is parsed.
    const member = `"id":"${id}"`;
    const isIt = (text: string): boolean => text.includes(member) && parseEvent(text).id === id;
    for (let to = '+'; ;) {
      const entries = await this.redis.ask((client) =>
        client.xrevrange(this.keys.events.journal, to, '-', 'COUNT', BATCHES),
      );
      const batches = entries.map(batchOf);
      for (const { last, events } of batches) {
        const at = events.findIndex(isIt);
        if (at !== -1) return last - events.length + 1 + at;
      }
      const oldest = batches.at(-1);
      if (!oldest || entries.length < BATCHES || oldest.at < time - MAX_DELAY_MS) return undefined;
      to = `(${entryId(oldest.last)}`;
    }
  }

  override follow(listener: JournalListener): Following {
    return this.tail.follow(listener, async () => {
      await this.flush(FLUSH_MS);
      return this.newest();
    });
  }

  /** Writes what still waits, and stops. To be called while Redis can be reached. */
  async close(): Promise<void> {
    await this.flush(FLUSH_MS);
    this.stop();
    await this.forgetNode(this.node.name);
  }

  /** Removes what belongs to a node that has stopped or died. Its events stay. */
  async forgetNode(node: string): Promise<void> {
    await this.redis.ask((client) => client.del(this.keys.events.lastBatch(node)));
  }

  /** Stops without writing. */
  stop(): void {
    this.outbox.close();
    this.tail.stop();
  }

  /** Deletes the events when the last node stops, unless they are kept for more than readers that come back. */
  async clear(): Promise<void> {
    if (this.retention.maxAgeMs > DEFAULT_RETENTION.maxAgeMs) return;
    const { journal, last, marks } = this.keys.events;
    await this.redis.ask((client) => client.unlink(journal, last, marks));
  }

  private async write({ number, lost, events }: EventBatch): Promise<void> {
    if (!this.redis.isReady) throw new DomainError('UNAVAILABLE', {});
    const { maxEvents, maxAgeMs } = this.retention;
    const args = [`${this.run} ${number}`, lost, events.length, maxEvents, maxAgeMs, joinEvents(events)];
    await this.redis.run('appendEvents', this.keys.events.base, this.node.name, ...args);
    if (lost > 0) this.log.logger.warn({ events: lost }, 'events were dropped while Redis was away');
  }
}
