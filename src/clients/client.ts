import { DomainError } from '../common/domain-error.js';
import type { Goodbye } from '../common/end-reason.js';
import type { Traffic } from '../common/traffic.js';
import type { RoomChange } from '../common/room.js';
import { carriedBytes, detached, isOfServer, type Signal } from '../common/signal.js';
import { Callers } from './callers.js';
import { Held } from './held.js';
import { Memberships } from './memberships.js';

/** What a signal's envelope counts as beside what it carries. */
const ENVELOPE_BYTES = 64;

/**
 * A client that is connected to this node. Each protocol extends it with the connection and with how to say things to it.
 */
export abstract class Client {
  /** Milliseconds since 1970. */
  readonly since = Date.now();
  /** Number that no other client of this node has; set by `ClientRegistry`. */
  session = 0;
  /** Changed by `RoomsHere` alone. */
  readonly memberships = new Memberships();

  /** Nodes that have sent it something, and remember where it is; kept by SignalingService. */
  knownTo?: Set<string>;
  /** Called once other clients may claim its id; set by OwnerChecks. */
  onReleased?: () => void;

  protected constructor(
    readonly id: string,
    readonly realm: string,
    readonly protocol: string,
    readonly address: string,
    /** Whoever shows the same token may take the id over; without one nobody may. */
    readonly token?: string,
  ) {}

  private callers?: Callers;
  private waiting?: Held;

  /**
   * Delivers a signal: now, or after `release` while signals are held.
   * @throws DomainError UNSUPPORTED_BY_TARGET if the client's protocol cannot say it; TARGET_BUSY if its sender has filled its
   * share of what may wait for the client
   */
  deliver(signal: Signal): void {
    if (!this.accepts(signal)) throw new DomainError('UNSUPPORTED_BY_TARGET', { kind: signal.kind });
    const bytes = ENVELOPE_BYTES + carriedBytes(signal);
    const sender = isOfServer(signal) ? '' : signal.from;
    if (this.waiting) this.holdBack(this.waiting, detached(signal), bytes, sender);
    else if (sender === '' || this.admits(sender, bytes)) this.write(signal);
    else throw new DomainError('TARGET_BUSY', { id: this.id });
  }

  private holdBack(held: Held, signal: Signal, bytes: number, sender: string): void {
    if (held.add(() => this.write(signal), bytes, sender)) return;
    if (sender !== '') throw new DomainError('TARGET_BUSY', { id: this.id });
    this.end('too slow');
  }

  /**
   * Tells the client of changes that belong together, each in a room that it is in (or, for `ended`, was in): now, or after
   * `release` while it is held.
   * @returns bytes that were written now
   */
  roomsChanged(changes: readonly RoomChange[]): number {
    if (!this.waiting) return this.writeChanges(changes);
    if (!this.waiting.add(() => this.writeChanges(changes), 0)) this.end('too slow');
    return 0;
  }

  /** Holds everything back, because something older is still to come. */
  hold(): void {
    this.waiting = new Held();
  }

  /** Ends `hold`: delivers older signals first, then what was held. */
  deliverHeld(older: readonly Signal[] = []): void {
    const { waiting } = this;
    this.waiting = undefined;
    for (const signal of older) if (this.accepts(signal)) this.write(signal);
    waiting?.writeAll();
  }

  /** Holds everything back while a piece of work is done whose outcome has to be written first. */
  async holdWhile<T>(work: () => Promise<T>): Promise<T> {
    if (this.waiting) return work();
    this.hold();
    try {
      return await work();
    } finally {
      this.deliverHeld();
    }
  }

  /** Bytes that are kept for the client: what is held back, and what it shows of itself. */
  get keptBytes(): number {
    return this.waiting?.bytes ?? 0;
  }

  /** Ids of the rooms and groups that the client is in. */
  get rooms(): ReadonlySet<string> {
    return this.memberships.rooms;
  }

  /** Ids of those of its rooms that the client created. */
  get createdRooms(): ReadonlySet<string> {
    return this.memberships.createdRooms;
  }

  /** Whether the client's protocol can say this. */
  accepts(_signal: Signal): boolean {
    return true;
  }

  /** Remembers the sender of an offer until the client's next sign of life. */
  trackCaller({ kind, from }: Signal): void {
    if (kind === 'offer') (this.callers ??= new Callers()).add(from, this.signsOfLife);
  }

  /** Ids of the clients that have sent offers since the client's last sign of life. */
  get pendingCallers(): readonly string[] {
    return this.callers?.since(this.signsOfLife) ?? [];
  }

  /** Whether a client may have a signal of so many bytes written to this one: it may fill only a share of what waits. */
  protected abstract admits(sender: string, bytes: number): boolean;

  /** Encodes a signal in the client's protocol and writes it. */
  protected abstract write(signal: Signal): void;

  /** Encodes changes in rooms in the client's protocol and writes them; returns how many bytes. */
  protected abstract writeChanges(changes: readonly RoomChange[]): number;

  /**
   * Makes the client pay for what it has led to. A client without a connection pays nothing.
   * @param tokens in the coin of `framesPerSecond`; `costOf` says how many
   */
  charge(_tokens: number): void {
    return;
  }

  /** Number of frames, pongs and the like that have come so far. */
  abstract get signsOfLife(): number;

  /** Whether its connection has ended, or is ending. */
  abstract get hasEnded(): boolean;

  /**
   * Asks for a sign of life, and ends a client that gives none in time. To be called again only when this has resolved.
   * @returns whether one has come; true also for a client that need not prove anything, since nobody can ask for its id
   */
  prove(_timeoutMs: number): Promise<boolean> {
    return Promise.resolve(true);
  }

  /** What has gone over its connection so far. */
  abstract get traffic(): Traffic;

  /** Tells the client that something that it has asked for has failed after all. */
  abstract fail(error: DomainError): void;

  /** Ends the connection; the rest follows as after any other end. */
  abstract end(reason: Goodbye): void;
}
