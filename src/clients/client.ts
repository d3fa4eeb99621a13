import { DomainError } from '../common/domain-error.js';
import type { Goodbye } from '../common/end-reason.js';
import type { Traffic } from '../common/traffic.js';
import type { RoomChange } from '../common/room.js';
import { carriedBytes, detached, isOfServer, type Signal } from '../common/signal.js';
import { Callers } from './callers.js';
import { Held } from './held.js';
import { Memberships } from './memberships.js';

/** Estimated size of a frame without the payload that it carries. */
const ENVELOPE_BYTES = 64;

/** A client that is connected to this node. Each protocol extends it with its connection and its encoding. */
export abstract class Client {
  /** Milliseconds since 1970. */
  readonly since = Date.now();
  /** Number that no other client of this node has; set by `ClientRegistry`. */
  session = 0;
  /** Changed by `RoomsHere` alone. */
  readonly memberships = new Memberships();

  /** Nodes that have cached the client's location; added by `SignalReceiver`. */
  knownTo?: Set<string>;
  /** Called once other clients may claim the client's id; set by `OwnerChecks`. */
  onReleased?: () => void;

  protected constructor(
    readonly id: string,
    readonly realm: string,
    readonly protocol: string,
    readonly address: string,
    /** A client with the same token may take the id over. Without a token, no client may. */
    readonly token?: string,
  ) {}

  private callers?: Callers;
  private held?: Held;

  /**
   * Writes a signal to the client, or holds it until `deliverHeld`.
   * @throws DomainError UNSUPPORTED_BY_TARGET if the client's protocol has no such signal; TARGET_BUSY if its sender has filled
   * its share of the client's pending bytes
   */
  deliver(signal: Signal): void {
    if (!this.accepts(signal)) throw new DomainError('UNSUPPORTED_BY_TARGET', { kind: signal.kind });
    const bytes = ENVELOPE_BYTES + carriedBytes(signal);
    const sender = isOfServer(signal) ? '' : signal.from;
    if (this.held) this.holdSignal(this.held, detached(signal), bytes, sender);
    else if (sender === '' || this.admits(sender, bytes)) this.write(signal);
    else throw new DomainError('TARGET_BUSY', { id: this.id });
  }

  private holdSignal(held: Held, signal: Signal, bytes: number, sender: string): void {
    if (held.add(() => this.write(signal), bytes, sender)) return;
    if (sender !== '') throw new DomainError('TARGET_BUSY', { id: this.id });
    this.end('too slow');
  }

  /**
   * Writes changes that belong together to the client, or holds them until `deliverHeld`. The client is, or was, in all of
   * their rooms.
   * @returns number of bytes written; 0 while they are held
   */
  roomsChanged(changes: readonly RoomChange[]): number {
    if (!this.held) return this.writeChanges(changes);
    if (!this.held.add(() => this.writeChanges(changes), 0)) this.end('too slow');
    return 0;
  }

  /** Holds signals and changes from now on, until `deliverHeld` has written older ones. */
  hold(): void {
    this.held = new Held();
  }

  /** Ends `hold`: delivers older signals first, then what was held. */
  deliverHeld(older: readonly Signal[] = []): void {
    const { held } = this;
    this.held = undefined;
    for (const signal of older) if (this.accepts(signal)) this.write(signal);
    held?.writeAll();
  }

  /** Holds signals and changes while work is under way whose result must be written first. */
  async holdWhile<T>(work: () => Promise<T>): Promise<T> {
    if (this.held) return work();
    this.hold();
    try {
      return await work();
    } finally {
      this.deliverHeld();
    }
  }

  /** Bytes of memory that held frames and the client's own attributes take. */
  get keptBytes(): number {
    return this.held?.bytes ?? 0;
  }

  /** Ids of the rooms and groups that the client is in. */
  get rooms(): ReadonlySet<string> {
    return this.memberships.rooms;
  }

  /** Ids of those of its rooms that the client created. */
  get createdRooms(): ReadonlySet<string> {
    return this.memberships.createdRooms;
  }

  /** Whether the client's protocol has a message for the signal. */
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

  /** Whether a sender may write this many bytes to the client: it may fill only a share of the client's pending bytes. */
  protected abstract admits(sender: string, bytes: number): boolean;

  /** Encodes a signal in the client's protocol and writes it. */
  protected abstract write(signal: Signal): void;

  /** Encodes changes of rooms in the client's protocol and writes them. Returns the number of bytes. */
  protected abstract writeChanges(changes: readonly RoomChange[]): number;

  /**
   * Charges the client for the work that a frame has caused. A client without a connection pays nothing.
   * @param tokens in units of `framesPerSecond`, as `costOf` returns them
   */
  charge(_tokens: number): void {
    return;
  }

  /** Number of frames, pongs and other signs of life received so far. */
  abstract get signsOfLife(): number;

  /** Whether the connection has ended or is ending. */
  abstract get hasEnded(): boolean;

  /**
   * Pings the client, and ends its connection if there is no sign of life in time. Must not be called again before it resolves.
   * @returns whether the client is alive; always true for a client whose id cannot be requested
   */
  prove(_timeoutMs: number): Promise<boolean> {
    return Promise.resolve(true);
  }

  /** Traffic of the connection so far. */
  abstract get traffic(): Traffic;

  /** Reports to the client that a request has failed after it was accepted. */
  abstract fail(error: DomainError): void;

  /** Ends the connection. The gateway then disconnects the client, as after any other end. */
  abstract end(reason: Goodbye): void;
}
