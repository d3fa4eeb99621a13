import type { EventJournal, JournalEntry, JournalPage } from '../events/event-journal.js';
import { Backlog } from './backlog.js';
import { JournalReader, PAGE } from './journal-reader.js';
import { LeaveGrace } from './leave-grace.js';
import type { WebhookEndpoint } from './webhook-endpoint.js';

/** Number of waiting events beyond which the oldest are dropped, and longest time that an event waits. */
export const MAX_WAITING = 100_000;
export const MAX_AGE_MS = 24 * 3_600_000;

/** The events of the journal that are still to be delivered to one endpoint, while this node reads for it. */
export class WaitingEvents {
  private readonly backlog: Backlog;
  private readonly grace: LeaveGrace;
  private readonly reader: JournalReader;

  /**
   * @param position of the last event that needs no delivery
   * @param onDrop receives the number of events that are lost
   */
  constructor(
    private readonly endpoint: WebhookEndpoint,
    private readonly journal: EventJournal,
    private position: number,
    private readonly onDrop: (count: number) => void,
  ) {
    this.backlog = new Backlog(MAX_WAITING, onDrop);
    this.grace = new LeaveGrace(endpoint, (entry) => this.add(entry));
    this.reader = new JournalReader(journal, position, (page) => this.take(page));
  }

  get size(): number {
    return this.backlog.size + this.grace.size;
  }

  /** Position before all events that are still to be delivered. */
  get done(): number {
    return Math.min(this.backlog.first ?? Infinity, this.grace.first ?? Infinity, this.position + 1) - 1;
  }

  /** Resolves when there is an event to deliver, or the signal aborts. */
  someAdded(signal: AbortSignal): Promise<void> {
    return this.backlog.someAdded(signal);
  }

  /**
   * Returns the next events, without those that are too old.
   * @throws DomainError UNAVAILABLE
   */
  async next(count: number): Promise<readonly JournalEntry[]> {
    const entries = await this.backlog.next(count, async (after) => (await this.journal.read(after, PAGE)).entries);
    const oldest = Date.now() - MAX_AGE_MS;
    const fresh = entries.findIndex(({ event }) => Date.parse(event.at) >= oldest);
    const expired = fresh === -1 ? entries.length : fresh;
    if (expired > 0) this.backlog.drop(expired);
    return entries.slice(expired);
  }

  delivered(entries: readonly JournalEntry[]): void {
    this.backlog.remove(entries);
  }

  stop(): void {
    this.reader.stop();
    this.grace.clear();
  }

  private take({ entries, isGap }: JournalPage): void {
    // A journal that has begun anew has skipped positions.
    if (isGap) this.onDrop(Math.min(entries[0]!.position - this.position - 1, MAX_WAITING));
    for (const entry of entries) {
      this.position = entry.position;
      if (this.endpoint.mayHave(entry.event) && !this.grace.takes(entry)) this.add(entry);
    }
  }

  private add(entry: JournalEntry): void {
    if (this.endpoint.wants(entry.event)) this.backlog.add(entry);
  }
}
