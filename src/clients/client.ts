import { inspect } from 'node:util';
import { DomainError } from '../common/domain-error.js';
import type { Goodbye } from '../common/end-reason.js';
import { isGroupRoom } from '../common/group.js';
import { type Identity, NOBODY, userOf } from '../common/identity.js';
import { ownerToken } from '../common/owner-token.js';
import type { Protocol } from '../common/protocols.js';
import type { RequestSource } from '../common/request-source.js';
import type { RoomChange } from '../common/room.js';
import { carriedBytes, detached, isOfServer, type Signal } from '../common/signal.js';
import type { Traffic } from '../common/traffic.js';
import { Callers } from './callers.js';
import type { ClientConnection } from './client-connection.js';
import type { ClientView } from './client-view.js';
import { Held } from './held.js';
import { Memberships } from './memberships.js';

/** Estimated size of a frame without the payload that it carries. */
const ENVELOPE_BYTES = 64;

/**
 * A client that is connected to this node. Each protocol extends it with the methods that write signals and room
 * changes to the connection. Logged or converted to JSON, it shows its `view` alone.
 */
export abstract class Client<P extends Protocol = Protocol, C extends ClientConnection = ClientConnection> {
  /** Name of the client's protocol. */
  readonly protocol: string;
  /** IP address. */
  readonly address: string;
  /** Milliseconds since 1970. */
  readonly since = Date.now();
  /** Whether the application operates the client, so that it may create and join every room. */
  readonly isTrusted: boolean = false;
  /** Number that no other client of this node has; set by `ClientRegistry`. */
  session = 0;
  /** What the client's request says about its software; set by its protocol. */
  source?: RequestSource;
  /** Whether the events report the client as connected; set by `ClientEvents`. */
  isAnnounced = false;
  /** Changed by `RoomsHere` alone. */
  readonly memberships = new Memberships();
  /** Nodes that have cached the client's location; added by `SignalReceiver`. */
  knownTo?: Set<string>;
  /** Called when other clients may claim the client's id; set by `OwnerChecks`. */
  onReleased?: () => void;
  /** Whether each signal of the client needs a permission: the only check of an unrestricted client's frames. */
  isRestricted = false;
  /** Maximum number of clients of the client's user on all nodes; set by `Supervision`. */
  maxOfUser?: number;

  private who: Identity = NOBODY;
  private isWatched = false;
  private callers?: Callers;
  private held?: Held;
  /** Private to the language, so that no serializer or debugger output shows it. */
  readonly #token?: string;

  /**
   * @param token a newcomer with the same token takes the id over; without a token the id cannot be taken over. The
   *   user or the id of the identity takes its place
   * @param identity who the client is and what it may do
   */
  constructor(
    readonly id: string,
    readonly realm: string,
    protected readonly codec: P,
    protected readonly connection: C,
    token?: string,
    identity: Identity = NOBODY,
  ) {
    this.protocol = codec.name;
    this.address = connection.address;
    this.#token = token;
    this.identity = identity;
  }

  /** Set before the client is registered, and by a renewal, which keeps the user and the id. */
  get identity(): Identity {
    return this.who;
  }

  set identity(identity: Identity) {
    this.who = identity;
    this.isRestricted = this.isWatched || (identity.signal ?? 'any') !== 'any';
  }

  /** Requires a permission for each signal of the client, whatever its identity says. */
  watch(): void {
    this.isWatched = this.isRestricted = true;
  }

  /** The owner token, under which the client claims its id (`ownerToken`). */
  get token(): string | undefined {
    return ownerToken(this.who, this.#token);
  }

  /** Returns the data of the client that applications may see. */
  get view(): ClientView {
    const { realm, id, protocol, address, since } = this;
    const rooms = [...this.rooms].filter((room) => !isGroupRoom(room));
    return { realm, id, protocol, ...userOf(this.who), address, since, rooms };
  }

  toJSON(): ClientView {
    return this.view;
  }
  [inspect.custom](): ClientView {
    return this.view;
  }

  /**
   * Writes a signal to the client, or holds it until `deliverHeld`.
   * @throws DomainError UNSUPPORTED_BY_TARGET if the client's protocol has no such signal; TARGET_BUSY if its sender
   *   has filled its share of the client's pending bytes
   */
  deliver(signal: Signal): void {
    if (!this.accepts(signal)) throw new DomainError('UNSUPPORTED_BY_TARGET', { kind: signal.kind });
    const bytes = ENVELOPE_BYTES + carriedBytes(signal);
    const sender = isOfServer(signal) ? '' : signal.from;
    if (this.held) this.holdSignal(this.held, detached(signal), bytes, sender);
    else if (sender === '' || this.connection.admits(sender, bytes)) this.write(signal);
    else throw new DomainError('TARGET_BUSY', { id: this.id });
  }

  private holdSignal(held: Held, signal: Signal, bytes: number, sender: string): void {
    if (held.add(() => this.write(signal), bytes, sender)) return;
    if (sender !== '') throw new DomainError('TARGET_BUSY', { id: this.id });
    this.end('too slow');
  }

  /**
   * Writes changes that belong together to the client, or holds them until `deliverHeld`. The client is, or was, in all
   * of their rooms.
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

  /** Bytes of memory that held frames take. */
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
  accepts(signal: Signal): boolean {
    return this.codec.accepts(signal);
  }

  /** Remembers the sender of an offer until the client's next sign of life. */
  trackCaller({ kind, from }: Signal): void {
    if (kind === 'offer') (this.callers ??= new Callers()).add(from, this.signsOfLife);
  }

  /** Ids of the clients that have sent offers since the client's last sign of life. */
  get pendingCallers(): readonly string[] {
    return this.callers?.since(this.signsOfLife) ?? [];
  }

  /** Encodes a signal in the client's protocol and writes it. */
  protected abstract write(signal: Signal): void;

  /** Encodes changes of rooms in the client's protocol and writes them. Returns the number of bytes. */
  protected abstract writeChanges(changes: readonly RoomChange[]): number;

  /** Waits for the application, until the connection ends (`ClientConnection.whileOpen`). */
  ask<T>(hook: (gone?: AbortSignal) => T | Promise<T>): Promise<T> {
    return this.connection.whileOpen(hook);
  }

  /** Charges the client for the effects of its message, in tokens (`costOf`). */
  charge(tokens: number): void {
    this.connection.charge(tokens);
  }

  /** Sets how many frames per second the client may send in the long run. */
  limitRate(framesPerSecond: number): void {
    this.connection.limitRate(framesPerSecond);
  }

  /** Number of frames, pongs and other signs of life that the client has sent. */
  get signsOfLife(): number {
    return this.connection.signsOfLife;
  }

  /** Whether the connection has ended, or is ending. */
  get hasEnded(): boolean {
    return this.connection.endReason !== undefined;
  }

  /**
   * Asks for a sign of life, and ends a client that gives none in time. Must not be called again before it has
   * resolved.
   * @returns whether the client is alive; true without asking for clients whose ids cannot be taken over
   */
  prove(_timeoutMs: number): Promise<boolean> {
    return Promise.resolve(true);
  }

  get traffic(): Traffic {
    return this.connection.traffic;
  }

  /** Tells the client that one of its earlier messages has failed. */
  fail(error: DomainError): void {
    this.connection.failed(error);
  }

  /** Ends the connection, as any other end. A client whose token expires gets an error first; `words` are for people. */
  end(reason: Goodbye, words?: string): void {
    if (reason === 'expired') this.fail(new DomainError('UNAUTHENTICATED', { reason }));
    this.connection.end(reason, words);
  }
}
