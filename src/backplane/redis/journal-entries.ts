import type { JournalEntry, JournalPage } from '../../events/event-journal.js';
import { parseEvent } from '../../events/server-event.js';

/** An entry of the journal's stream, as ioredis returns it: its id, and names and values of its fields. */
export type StreamEntry = readonly [id: string, fields: readonly string[]];

/** A batch of events in the journal. */
export interface StoredBatch {
  /** Position of the last event. */
  readonly last: number;
  /** Time at which it was appended, in milliseconds since 1970. */
  readonly at: number;
  /** JSON of each event. */
  readonly events: readonly string[];
}

/** Events of one batch, as the stream stores them: JSON has no line breaks of its own. */
export function joinEvents(events: readonly string[]): string {
  return events.join('\n');
}

export function batchOf([id, [, at, , text = '']]: StreamEntry): StoredBatch {
  return { last: Number.parseInt(id, 10), at: Number(at), events: text.split('\n') };
}

/** Id in the stream of the batch whose last event has a position. */
export function entryId(position: number): string {
  return `${position}-0`;
}

/**
 * Returns the events of batches behind a position.
 * @param after 0 for the beginning of the journal, where nothing counts as a gap
 */
export function pageOf(batches: readonly StoredBatch[], after: number, count = Infinity): JournalPage {
  const entries: JournalEntry[] = [];
  let isGap = false;
  let before = after;
  for (const { last, events } of batches) {
    const first = last - events.length + 1;
    if (before !== 0 && first > before + 1) {
      // A page has no gaps between its entries: the next page begins with this one.
      if (entries.length > 0) break;
      isGap = true;
    }
    for (const [at, text] of events.entries()) {
      if (first + at <= before || entries.length >= count) continue;
      entries.push({ position: first + at, event: parseEvent(text) });
    }
    before = Math.max(before, last);
  }
  return { entries, isGap };
}
