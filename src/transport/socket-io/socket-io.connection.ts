import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket as EngineSocket } from 'engine.io';
import { costOf } from '../../common/cost.js';
import type { EndReason, Goodbye } from '../../common/end-reason.js';
import type { Traffic } from '../../common/traffic.js';
import type { LoggedClient } from '../../logging/connection-log.js';
import type { Place } from '../bounds/places.js';
import { StalledMessage } from '../bounds/stalled-message.js';
import { ConnectionCore, type CoreOwner } from '../endpoint/connection-core.js';
import { mayReconnect } from '../endpoint/goodbyes.js';
import type { KeptClient, OpenConnection } from '../lifecycle/connections.js';
import { PollingBody } from './polling-body.js';
import { END_REASONS } from './session-engine.js';
import type { SocketIoEndpoint } from './socket-io.endpoint.js';
import type { SocketIoArgument } from './socket-io.messages.js';
import { SocketIoReceiver } from './socket-io.receiver.js';
import { SocketIoWire } from './socket-io.wire.js';

/** How long a client may take to read its goodbye. A polling client that stays away would be kept for half a minute. */
const CLOSE_TIMEOUT_MS = 5000;

/** A socket.io connection of a client to this node, over polling or a WebSocket. */
export class SocketIoConnection<S extends KeptClient = KeptClient> implements OpenConnection, CoreOwner {
  readonly core: ConnectionCore<S>;
  readonly receiver: SocketIoReceiver<S>;
  private readonly wire: SocketIoWire;
  /** The request with which a polling client is sending. */
  private body?: PollingBody;
  private readonly stalled = new StalledMessage();
  private closeTimer?: NodeJS.Timeout;

  constructor(
    private readonly endpoint: SocketIoEndpoint<S>,
    private readonly engine: EngineSocket,
    readonly place: Place,
  ) {
    this.core = new ConnectionCore<S>(this, endpoint.core, place.budget);
    engine.on('close', (reason: string) => this.closed(END_REASONS[reason] ?? 'closed by client'));
    endpoint.core.connections.add(this);
    engine.on('upgrade', () => place.markUsed(this));
    this.offerPlace();
    this.receiver = new SocketIoReceiver<S>(this, endpoint);
    this.wire = new SocketIoWire(engine, this.receiver, endpoint.core.limits);
  }

  /** What the protocol's gateway keeps of this connection, until its end. */
  get session(): S | undefined {
    return this.core.client;
  }

  /** The client's IP address. */
  get address(): string {
    return this.place.address;
  }

  /** The request that has opened the connection. */
  get request(): IncomingMessage {
    return this.engine.request;
  }

  /** The client's id; undefined before its login. */
  get clientId(): string | undefined {
    return this.core.identity?.id;
  }

  /** Number of messages that the client has sent. engine.io does not report its heartbeats. */
  get signsOfLife(): number {
    return this.core.framesIn;
  }

  /** Why the connection has ended, or is ending; undefined while it is in use. */
  get endReason(): EndReason | undefined {
    return this.core.endReason;
  }

  get traffic(): Traffic {
    return this.core.traffic(this.wire.waitingBytes, this.receiver.lastSeenAt);
  }

  get heldBytes(): number {
    const { wire, body, core } = this;
    return wire.waitingBytes + wire.unfinishedBytes + (body?.heldBytes ?? 0) + core.heldBytes;
  }

  get isPaused(): boolean {
    return this.wire.isPaused;
  }

  /** Stops reading a WebSocket. Polling goes on: its messages wait in the queue, which is bounded. */
  pause(): void {
    this.wire.pause();
  }

  resume(): void {
    this.wire.resume();
  }

  /**
   * Emits an event with one argument. It asks for an acknowledgement, as clients expect, and nothing waits for it.
   * @param name must need no escaping in JSON
   * @param kind the kind as which the message is counted
   * @returns number of bytes written
   */
  emit(name: string, { head, payload, tail, attachments }: SocketIoArgument, kind = 'other'): number {
    if (this.endReason !== undefined || !this.wire.isOpen) return 0;
    const before = this.core.bytesOut;
    this.wire.emit(name, head, payload?.bytes, tail, attachments);
    return this.countOut(kind, before);
  }

  /** As `ConnectionCore.whileOpen`. */
  whileOpen<T>(ask: (gone: AbortSignal) => T | Promise<T>): Promise<T> {
    return this.core.whileOpen(ask);
  }

  /** Whether a sender may write a signal of this size: it may fill only a share of what waits for the client. */
  admits(sender: string, bytes: number): boolean {
    return this.wire.admits(sender, bytes);
  }

  /** Charges the client for the effects of its message, in tokens (`costOf`). */
  charge(tokens: number): void {
    this.core.queue.charge(tokens);
  }

  limitRate(framesPerSecond: number): void {
    this.core.queue.limitRate(framesPerSecond);
  }

  /** Registers the client that the connection has become with its login. */
  identified(client: LoggedClient): void {
    this.core.identity = client;
    this.endpoint.core.connected(client);
    this.place.markUsed(this);
  }

  /** Called when the client polls: its place is in use until the poll is answered. */
  polls(response: ServerResponse): void {
    this.place.markUsed(this);
    response.once('close', () => this.offerPlace());
  }

  /** Called when the client sends a request with messages. */
  posts(request: IncomingMessage): void {
    this.body = new PollingBody(request);
  }

  /** Lets newcomers take the place of a polling connection without a login, while no poll is open. */
  private offerPlace(): void {
    const { core, endpoint, engine, place } = this;
    if (core.endReason !== undefined || core.identity || engine.transport.name !== 'polling') return;
    place.markUnused(this, endpoint.core.connections.clockMs);
  }

  /** Runs a piece of work after all earlier work. */
  run(work: () => void | Promise<void>): void {
    this.core.queue.add(work);
  }

  /** Tells the client the reason, ends the connection, and drops the client's messages that were not handled yet. */
  end(reason: Goodbye, words?: string): void {
    const { core, wire } = this;
    if (core.endReason !== undefined) return;
    core.clear();
    this.endpoint.core.admission.goodbye?.(this, reason, words);
    core.endReason = reason;
    // A paused transport would not read the client's end.
    wire.resume();
    // The client library reconnects after a lost transport, and does not after a DISCONNECT packet.
    const losesTransport = mayReconnect(reason) || !wire.isOpen;
    if (!losesTransport) wire.disconnect();
    this.engine.close(losesTransport && !wire.hasMoreToSay);
    this.closeInTime();
    core.finish();
  }

  /** Ends the connection without a goodbye. */
  cut(reason: EndReason): void {
    this.core.endReason ??= reason;
    this.core.clear();
    this.engine.close(true);
    this.core.finish();
  }

  /** Ends a connection with a message that stays incomplete. engine.io sends the pings. */
  beat(clockMs: number): void {
    const { body, core, stalled, wire } = this;
    if (body?.isComplete) this.body = undefined;
    const isUnderWay = this.body !== undefined || (wire.unfinishedBytes > 0 && !wire.isPaused);
    const ms = stalled.look(core.framesIn, isUnderWay, clockMs);
    if (ms > this.endpoint.core.limits.stallTimeoutMs) this.end('message timeout');
  }

  /** Answers an error in the protocol's own words. */
  failed(error: unknown): void {
    this.endpoint.core.fail(this, error);
  }

  /** @internal Acknowledges a message with `RawJson` or an object. */
  acknowledge(ackId: string, answer: object): void {
    if (!this.wire.isOpen) return;
    const before = this.core.bytesOut;
    this.wire.acknowledge(ackId, answer);
    this.charge(costOf({ bytes: this.countOut('other', before) }));
  }

  /** Counts all bytes that engine.io has taken since then as one frame. Returns their number. */
  private countOut(kind: string, bytesBefore: number): number {
    const bytes = this.core.bytesOut - bytesBefore;
    if (bytes > 0) this.endpoint.core.traffic.out.add(kind, bytes);
    return bytes;
  }

  /** @internal The connection may outlive its client for a while, and holds its place until then. */
  left(): void {
    if (this.endReason !== undefined) return;
    this.core.endReason = 'closed by client';
    this.engine.close(!this.wire.hasMoreToSay);
    this.closeInTime();
    this.core.clientGone('closed by client');
  }

  private closeInTime(): void {
    if (this.engine.readyState === 'closed') return;
    this.closeTimer = setTimeout(() => this.engine.close(true), CLOSE_TIMEOUT_MS);
  }

  private closed(reason: EndReason): void {
    clearTimeout(this.closeTimer);
    this.place.markUsed(this);
    this.endpoint.core.connections.remove(this);
    this.core.clientGone(reason);
  }
}
