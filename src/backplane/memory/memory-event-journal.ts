import { Injectable } from '@nestjs/common';
import {
  DEFAULT_RETENTION,
  EventJournal,
  type Following,
  type JournalEntry,
  type JournalListener,
  type JournalPage,
  type Retention,
} from '../../events/event-journal.js';
import { JournalFollowers } from '../../events/journal-followers.js';
import { parseEvent, type ServerEvent } from '../../events/server-event.js';
import { longer } from '../longer.js';
import { EventRing } from './event-ring.js';

/** EventJournal in the memory of a process. */
@Injectable()
export class MemoryEventJournal extends EventJournal {
  override readonly dropped = 0;
  private readonly followers = new JournalFollowers();
  private readonly ring = new EventRing(Date.now() * 1000);
  private retention = DEFAULT_RETENTION;
  /** Position of the last entry that followers have got. */
  private told = this.ring.newest;
  private isTelling = false;

  override retain(retention: Retention): void {
    this.retention = longer(this.retention, retention);
  }

  override append(event: ServerEvent): void {
    this.ring.add({ text: JSON.stringify(event), id: event.id, at: Date.now() });
    this.ring.trim(this.retention, Date.now());
    if (this.followers.size === 0 || this.isTelling) return;
    this.isTelling = true;
    // Followers never run within the call: those of other journals do not either.
    setImmediate(() => this.tell());
  }

  override flush(): Promise<boolean> {
    return Promise.resolve(true);
  }

  override read(after: number, count: number): Promise<JournalPage> {
    this.ring.trim(this.retention, Date.now());
    return Promise.resolve(this.pageBehind(after, count));
  }

  override newest(): Promise<number> {
    return Promise.resolve(this.ring.newest);
  }

  override find(id: string): Promise<number | undefined> {
    this.ring.trim(this.retention, Date.now());
    return Promise.resolve(this.ring.find(id));
  }

  override follow(listener: JournalListener): Following {
    if (this.followers.size === 0) this.told = this.ring.newest;
    const since = this.ring.newest;
    const stop = this.followers.add(({ entries, isGap }) => {
      const later = entries.filter(({ position }) => position > since);
      if (later.length > 0) listener({ entries: later, isGap });
    });
    return { ready: Promise.resolve(), stop };
  }

  private tell(): void {
    this.isTelling = false;
    const page = this.pageBehind(this.told, Infinity);
    this.told = this.ring.newest;
    this.followers.tell(page);
  }

  private pageBehind(after: number, count: number): JournalPage {
    const { oldest } = this.ring;
    const entries: JournalEntry[] = [];
    for (const { position, text } of this.ring.behind(after, count)) {
      entries.push({ position, event: parseEvent(text) });
    }
    return { entries, isGap: after !== 0 && after < oldest - 1 };
  }
}
