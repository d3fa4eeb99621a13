import type { Retention } from '../../events/event-journal.js';

/** An event as the ring keeps it. */
export interface KeptEvent {
  /** JSON of the event. */
  readonly text: string;
  readonly id: string;
  /** Time at which it was added, in milliseconds since 1970. */
  readonly at: number;
}

/** Removed places at the beginning of the array that are worth the copy of the rest. */
const MIN_REMOVED = 1024;

/** The last events, with successive positions. */
export class EventRing {
  private kept: KeptEvent[] = [];
  /** Number of places at the beginning of `kept` whose events are removed. */
  private removed = 0;
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
    this.kept.push(event);
  }

  /** Removes events that are too many or too old. */
  trim({ maxEvents, maxAgeMs }: Retention, now: number): void {
    const { kept } = this;
    let { removed } = this;
    while (removed < kept.length && (kept.length - removed > maxEvents || kept[removed]!.at < now - maxAgeMs)) {
      removed++;
    }
    this.removed = removed;
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
}
