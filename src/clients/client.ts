import { DomainError } from '../common/domain-error.js';
import type { Goodbye } from '../common/end-reason.js';
import type { RoomChange } from '../common/room.js';
import type { Signal, SignalKind } from '../common/signal.js';

/**
 * A client that is connected to this node. Each protocol extends it with the connection and with how to say things to it.
 */
export abstract class Client {
  /** Milliseconds since 1970. */
  readonly since = Date.now();
  /** Tells apart those who have had the same id on this node; set by ClientsService. */
  session = 0;
  /** Ids of the rooms that it is in; kept by RoomsService. */
  readonly rooms = new Set<string>();
  /** Those of its rooms that it created; kept by RoomsService. */
  readonly createdRooms = new Set<string>();

  protected constructor(
    readonly id: string,
    readonly realm: string,
    readonly protocol: string,
    /** Whoever shows the same token may take the id over. */
    readonly token: string,
    readonly address: string,
  ) {}

  private held?: Signal[];

  /**
   * Delivers a signal: now, or after `release` while signals are held.
   * @throws DomainError UNKNOWN_EVENT if the client's protocol has no word for the signal's kind
   */
  deliver(signal: Signal): void {
    if (!this.accepts(signal.kind)) throw new DomainError('UNKNOWN_EVENT', { event: signal.kind });
    if (this.held) this.held.push(signal);
    else this.write(signal);
  }

  /** Holds signals back, because older ones are still to come. */
  hold(): void {
    this.held = [];
  }

  /** Delivers what is older, then what was held back, and from now on everything at once. */
  release(older: readonly Signal[]): void {
    const signals = [...older.filter(({ kind }) => this.accepts(kind)), ...(this.held ?? [])];
    this.held = undefined;
    for (const signal of signals) this.write(signal);
  }

  /** Whether the client's protocol has a word for signals of this kind. */
  protected accepts(_kind: SignalKind): boolean {
    return true;
  }

  /** Encodes a signal in the client's protocol and writes it. */
  protected abstract write(signal: Signal): void;

  /** Tells the client of a change in a room that it is in (or, for `ended`, was in). */
  abstract roomChanged(change: RoomChange): void;

  /** Ends the connection; the rest follows as after any other end. */
  abstract end(reason: Goodbye): void;
}
