import type { ServerEvent } from './server-event.js';

/** An event with its position in the journal. */
export interface JournalEntry {
  readonly position: number;
  readonly event: ServerEvent;
}

/** Successive events of the journal. */
export interface JournalPage {
  readonly entries: readonly JournalEntry[];
  /** Whether events between the position that was asked for and the first entry are gone. */
  readonly isGap: boolean;
}

/** How long the journal keeps events: no more than this number, and none that are older. */
export interface Retention {
  readonly maxEvents: number;
  readonly maxAgeMs: number;
}

/** Retention of a journal that nothing needs longer. */
export const DEFAULT_RETENTION: Retention = { maxEvents: 10_000, maxAgeMs: 3_600_000 };

/** A listener for events of the journal, from the time on at which it was added. */
export interface Following {
  /** Resolves when the listener misses no event of any node any more. Never rejects. */
  readonly ready: Promise<void>;
  /** Ends the calls of the listener. */
  stop(): void;
}

/** Receives successive events in the order of the journal. `isGap`: events before them are gone. */
export type JournalListener = (page: JournalPage) => void;

/**
 * Port: the recent events of all nodes, in one order. All readers see the same order, in which the events of one node
 * are as it has appended them. Positions grow from event to event, by one unless events are lost between them. They are
 * positive integers, and a new journal begins above every position of a former one.
 *
 * `signal.relayed` is not in the journal, unless the webhooks ask for it.
 */
export abstract class EventJournal {
  /** Number of events of this node that were dropped, because they could not be written in time. */
  abstract readonly dropped: number;

  /**
   * Keeps events longer than before, if necessary. The largest number and the longest time that anything on this node
   * has asked for count. All nodes should ask for the same.
   */
  abstract retain(retention: Retention): void;

  /**
   * Appends an event, which is copied within the call. Returns at once: the event is written later, with others. While
   * the journal cannot be reached, as many events as it retains wait; beyond that the oldest are dropped, and readers
   * see a gap.
   */
  abstract append(event: ServerEvent): void;

  /**
   * Holds the events of this node back until a promise resolves, which must not reject: they are to come behind events
   * of another node. Does nothing where events of all nodes are in order as they are appended.
   */
  hold(_until: Promise<unknown>): void {
    // The default.
  }

  /**
   * Resolves when the events that were appended so far are written, or dropped, or after `timeoutMs`: with whether all
   * of them are written or dropped.
   */
  abstract flush(timeoutMs: number): Promise<boolean>;

  /**
   * Reads events behind a position, oldest first; an empty page if there are none yet.
   * @param after 0 for the beginning of the journal, where nothing counts as a gap
   * @throws DomainError UNAVAILABLE
   */
  abstract read(after: number, count: number): Promise<JournalPage>;

  /**
   * Position of the newest event. A reader that begins behind it misses no later event.
   * @throws DomainError UNAVAILABLE
   */
  abstract newest(): Promise<number>;

  /**
   * Position of the event with an id; undefined if the journal does not have it (any more).
   * @throws DomainError UNAVAILABLE
   */
  abstract find(id: string): Promise<number | undefined>;

  /**
   * Calls a listener with every event of all nodes that is appended from now on, soon after it, in the order of the
   * journal, until it is stopped. It gets a page with `isGap` if events are lost. Listeners must not throw. They share
   * the events and must not change them.
   */
  abstract follow(listener: JournalListener): Following;
}
