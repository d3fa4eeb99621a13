import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { NodeIdentity } from '../common/node-identity.js';
import { Counters } from '../counters/counters.js';
import { EventCursors } from '../events/event-cursors.js';
import { EventJournal } from '../events/event-journal.js';
import { Log } from '../logging/log.js';
import { PAGE } from './journal-reader.js';

/** What the deliveries to all endpoints share. */
@Injectable()
export class DeliveryContext {
  /** Name of this node. */
  readonly node: string;
  /** ISO time at which this node has started. */
  readonly startedAt = new Date().toISOString();

  constructor(
    readonly journal: EventJournal,
    readonly cursors: EventCursors,
    readonly counters: Counters,
    readonly log: Log,
    { name }: NodeIdentity,
  ) {
    this.node = name;
  }

  /**
   * Position before the first event since a time.
   * @param time in the format of ISO 8601
   * @throws DomainError UNAVAILABLE
   */
  async before(time: string): Promise<number> {
    for (let position = 0; ;) {
      const { entries } = await this.journal.read(position, PAGE);
      const first = entries.find(({ event }) => event.at >= time);
      if (first) return first.position - 1;
      const last = entries.at(-1);
      if (!last) return position;
      ({ position } = last);
      // Other work gets its turn while a long journal is read.
      await nextTurn();
    }
  }
}
