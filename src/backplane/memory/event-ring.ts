import type { Retention } from '../../events/event-journal.js';

/** An event as the ring keeps it. */
export interface KeptEvent {
  /** JSON of the event. */
  readonly text: string;
  readonly id: string;
  /** Time at which it was added, in milliseconds since 1970. */
  readonly at: number;
}

/** Bound of all events together, beside their number. */
const MAX_CHARACTERS = 134_217_728;
/** Removed places at the beginning of the array that are worth the copy of the rest. */
const MIN_REMOVED = 1024;

/** The last events, with successive positions. */
export class EventRing {
  private kept: KeptEvent[] = [];
  /** Number of places at the beginning of `kept` whose events are removed. */
  private removed = 0;
  /** Length of the texts of all events that are kept. */
  private characters = 0;
  /** Position of the first place in `kept`. */
  private first: number;

  /** @param last position of the event before the first one */
  constructor(last: number) {
    this.first = last + 1;
  }

  /** Position of the oldest event; one behind `newest` if there is none. */
  get oldest(): number {
    return this.first + this.removed;
  }

  /** Position of the newest event, whether or not it is still kept. */
  get newest(): number {
    return this.first + this.kept.length - 1;
  }

  add(event: KeptEvent): void {
    this.characters += event.text.length;
    this.kept.push(event);
  }

  /** Removes events that are too many, too old, or too large together. */
  trim(retention: Retention, now: number): void {
    while (this.isTooMuch(retention, now)) this.characters -= this.kept[this.removed++]!.text.length;
    const { kept, removed } = this;
    if (removed < MIN_REMOVED || removed < kept.length / 8) return;
    this.kept = kept.slice(removed);
    this.first += removed;
    this.removed = 0;
  }

  /** The events behind a position, oldest first. */
  *behind(after: number, count: number): Iterable<KeptEvent & { readonly position: number }> {
    const from = Math.max(after + 1, this.oldest);
    for (let position = from; position <= this.newest && position < from + count; position++) {
      yield { ...this.kept[position - this.first]!, position };
    }
  }

  /** Position of the event with an id. Recent ones are found first. */
  find(id: string): number | undefined {
    for (let at = this.kept.length - 1; at >= this.removed; at--) {
      if (this.kept[at]!.id === id) return this.first + at;
    }
    return undefined;
  }

  private isTooMuch({ maxEvents, maxAgeMs }: Retention, now: number): boolean {
    const { kept, removed } = this;
    if (removed === kept.length) return false;
    const isTooOld = kept[removed]!.at < now - maxAgeMs;
    return isTooOld || kept.length - removed > maxEvents || this.characters > MAX_CHARACTERS;
  }
}
