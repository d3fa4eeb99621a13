import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket as EngineSocket } from 'engine.io';
import { costOf } from '../../common/cost.js';
import { DomainError } from '../../common/domain-error.js';
import type { EndReason, Goodbye } from '../../common/end-reason.js';
import type { JsonFrame } from '../../common/json-frame.js';
import type { RawJson } from '../../common/raw-json.js';
import type { Traffic } from '../../common/traffic.js';
import type { KeptClient, OpenConnection } from '../lifecycle/connections.js';
import { PacedQueue, type QueueOwner } from '../bounds/paced-queue.js';
import type { LoggedClient } from '../../logging/connection-log.js';
import { PollingBody } from './polling-body.js';
import type { Place } from '../bounds/places.js';
import type { SocketIoEndpoint } from './socket-io.endpoint.js';
import { StalledMessage } from '../bounds/stalled-message.js';
import { SocketIoWire, type SocketIoEvent, type WireOwner } from './socket-io.wire.js';

/** Messages that may wait behind a slow one. */
const MAX_WAITING = 1000;

/** Size of an answer, to what the server has emitted, that costs nothing. */
const FREE_ANSWER_BYTES = 1024;

/** How long an ended connection may take to read its goodbye before it is cut. */
const CLOSE_TIMEOUT_MS = 5000;

/** Goodbyes after which the client library is to come again by itself; after others it waits for its user. */
const COME_AGAIN: readonly Goodbye[] = ['server shutdown', 'too slow', 'memory exceeded'];

/** Why engine.io says that a connection has ended. */
const ENDS: Readonly<Record<string, EndReason>> = {
  'transport close': 'closed by client',
  'transport error': 'connection lost',
  'ping timeout': 'no sign of life',
  'parse error': 'protocol violation',
};

/** A message that asks for an answer. */
export interface SocketIoMessage {
  /** What the sender named it. */
  readonly name: string;
  /** Its first argument, whatever that is. */
  readonly body: unknown;
  /** The same as it came, if it is an object and the message has no binary parts. */
  readonly frame?: JsonFrame;
  /** Its size, with whatever else came since the message before. */
  readonly bytes: number;
  /** Answers once, with `RawJson` or an object; what is said after that is dropped. */
  readonly answer: (answer: object) => void;
}

/** The text of one argument, around a payload that is written as it is. */
export interface SocketIoArgument {
  readonly head: string;
  readonly payload?: RawJson;
  readonly tail?: string;
  /** Binary parts, whose places the text holds in socket.io's way. */
  readonly attachments?: readonly Buffer[];
}

/**
 * A socket.io connection of this node, polling or WebSocket. As any connection it is a queue: its messages in order, and
 * its end, one after the other.
 */
export class SocketIoConnection implements OpenConnection, QueueOwner, WireOwner {
  /** What the protocol's gateway keeps of this connection. */
  session?: KeptClient;
  /** Why it has ended, or is ending; undefined while it is in use. */
  endReason?: EndReason;
  /** The client that it has become. */
  client?: LoggedClient;
  /** Of `performance.now()`. */
  readonly openedAt = performance.now();

  private readonly queue: PacedQueue;
  private readonly wire: SocketIoWire;
  private framesIn = 0;
  private framesOut = 0;
  private bytesIn = 0;
  private bytesOut = 0;
  private lastSeenAt = Date.now();
  /** Bytes of the messages that wait behind a slow one. */
  private queuedBytes = 0;
  /** Bytes of the message that is coming in. */
  private unfinishedBytes = 0;
  /** Bytes that have come since the last message. */
  private uncountedBytes = 0;
  /** What a client that polls is sending. */
  private body?: PollingBody;
  private readonly stalled = new StalledMessage();
  private closeTimer?: NodeJS.Timeout;
  private onEnd?: () => void;

  constructor(
    private readonly endpoint: SocketIoEndpoint,
    private readonly engine: EngineSocket,
    readonly place: Place,
  ) {
    this.queue = new PacedQueue(this, endpoint.limits, place.budget);
    engine.on('close', (reason: string) => this.closed(ENDS[reason] ?? 'closed by client'));
    endpoint.connections.add(this);
    engine.on('upgrade', () => endpoint.places.noteUsed(this, place));
    this.noteUnused();
    this.wire = new SocketIoWire(engine, this, endpoint.limits);
  }

  /**
   * Emits a message that asks for an answer, which nobody waits for.
   * @param name not escaped
   * @param kind what it counts as
   * @returns bytes that were written
   */
  emit(name: string, { head, payload, tail, attachments }: SocketIoArgument, kind = 'other'): number {
    if (this.endReason !== undefined || !this.wire.isOpen) return 0;
    const before = this.bytesOut;
    this.wire.emit(name, head, payload?.bytes, tail, attachments);
    return this.countOut(kind, before);
  }

  /**
   * Waits for something that is not ours and may never come, until the connection ends.
   * @throws DomainError NOT_AUTHORIZED if it has ended, or ends meanwhile
   */
  async whileOpen<T>(ask: () => T | Promise<T>): Promise<T> {
    const gone = (): DomainError => new DomainError('NOT_AUTHORIZED', {});
    if (this.endReason !== undefined) throw gone();
    const ended = new Promise<never>((_, reject) => {
      this.onEnd = () => reject(gone());
    });
    try {
      return await Promise.race([ask(), ended]);
    } finally {
      this.onEnd = undefined;
    }
  }

  /** Whether a sender may have a signal of so many bytes written: it may fill only a share of what waits for the client. */
  admits(sender: string, bytes: number): boolean {
    return this.wire.admits(sender, bytes);
  }

  /** Id of the client that it has become. */
  get clientId(): string | undefined {
    return this.client?.id;
  }

  get traffic(): Traffic {
    const { framesIn, framesOut, bytesIn, bytesOut, lastSeenAt } = this;
    const { waitingBytes } = this.wire;
    return { framesIn, framesOut, bytesIn, bytesOut, waitingBytes, lastSeenAt };
  }

  /** Makes the client pay for what a message of it has led to: tokens, of which a small one costs one. */
  charge(tokens: number): void {
    this.queue.charge(tokens);
  }

  /** Notes the client that it has become. */
  identified(client: LoggedClient): void {
    this.client = client;
    this.endpoint.places.noteUsed(this, this.place);
  }

  /** Notes that the client waits for the answer to a poll. */
  polls(response: ServerResponse): void {
    this.endpoint.places.noteUsed(this, this.place);
    response.once('close', () => this.noteUnused());
  }

  /** Marks a polling connection without a login as unused, unless a poll is open. */
  private noteUnused(): void {
    const { client, endpoint, engine, place } = this;
    if (this.endReason !== undefined || client || engine.transport.name !== 'polling') return;
    endpoint.places.noteUnused(this, place, endpoint.connections.clockMs);
  }

  /** The IP address that it comes from. */
  get address(): string {
    return this.place.address;
  }

  /** Does a piece of work after all that has come before. */
  run(work: () => void | Promise<void>): void {
    this.queue.add(work);
  }

  /** Tells the client why, and ends the connection; what it has sent and was not handled yet is dropped. */
  end(reason: Goodbye): void {
    if (this.endReason !== undefined) return;
    this.queue.clear();
    this.endpoint.goodbye(this, reason);
    this.endReason = reason;
    // Else the end of the transport would not be read.
    this.wire.resume();
    // The client library comes again after a lost transport, but not after a disconnect of the server's.
    const mayComeAgain = COME_AGAIN.includes(reason) || !this.wire.isOpen;
    if (!mayComeAgain) this.wire.disconnect();
    this.engine.close(mayComeAgain && !this.wire.hasMoreToSay);
    this.noteEnd();
    this.closeInTime();
    this.finish();
  }

  cut(reason: EndReason): void {
    this.endReason ??= reason;
    this.queue.clear();
    this.noteEnd();
    this.engine.close(true);
    this.finish();
  }

  get heldBytes(): number {
    const { wire, body, queuedBytes, session } = this;
    return wire.waitingBytes + wire.unfinishedBytes + (body?.heldBytes ?? 0) + queuedBytes + (session?.keptBytes ?? 0);
  }

  /** Notes that the client sends a request with messages. */
  posts(request: IncomingMessage): void {
    this.body = new PollingBody(request);
  }

  /** Ends the connection if a message does not arrive as a whole. engine.io has heartbeats of its own. */
  beat(clockMs: number): void {
    if (this.body?.isComplete) this.body = undefined;
    const isUnderWay = this.body !== undefined || (this.wire.unfinishedBytes > 0 && !this.wire.isPaused);
    const ms = this.stalled.look(this.framesIn, isUnderWay, clockMs);
    if (ms > this.endpoint.limits.stallTimeoutMs) this.end('message timeout');
  }

  failed(error: unknown): void {
    this.endpoint.fail(this, error);
  }

  /** @internal What comes over polling waits in the queue, which is bounded. */
  delayed(): void {
    if (this.endReason === undefined) this.wire.pause();
  }

  idle(): void {
    if (this.endReason !== undefined) this.finish();
    else this.wire.resume();
  }

  /** @internal */
  admit(bytes: number, isText: boolean, isAwaited: boolean): boolean {
    if (this.endReason !== undefined) return false;
    const { maxFrameBytes } = this.endpoint.limits;
    // The attachments of a message come in packets of their own, behind its text.
    this.unfinishedBytes = isText ? bytes : this.unfinishedBytes + bytes;
    this.framesIn++;
    this.bytesIn += bytes;
    this.lastSeenAt = Date.now();
    this.uncountedBytes += bytes;
    const isPaidFor = (isAwaited && bytes <= FREE_ANSWER_BYTES) || this.queue.admit(bytes);
    if (isPaidFor && this.unfinishedBytes <= maxFrameBytes) return true;
    this.endpoint.rateExceeded(this);
    return false;
  }

  /** @internal */
  received({ name, body, frame, ackId }: SocketIoEvent): void {
    if (this.endReason !== undefined) return;
    const bytes = this.takeBytes();
    // A message that asks for no answer cannot be answered, and is ignored.
    if (ackId === undefined) {
      this.endpoint.countUnknown(bytes);
      return;
    }
    let isAnswered = false;
    const answer = (result: object): void => {
      if (isAnswered || !this.wire.isOpen) return;
      isAnswered = true;
      const before = this.bytesOut;
      this.wire.acknowledge(ackId, result);
      this.charge(costOf({ bytes: this.countOut('other', before) }));
    };
    const message: SocketIoMessage = { name, body, frame, bytes, answer };
    const { queue } = this;
    if (queue.length >= MAX_WAITING || this.queuedBytes > this.endpoint.limits.maxBufferedBytes) {
      this.endpoint.rateExceeded(this);
      return;
    }
    this.queuedBytes += bytes;
    queue.add(() => {
      this.queuedBytes -= bytes;
      return this.endpoint.dispatch(this, message);
    });
  }

  /** @internal */
  violated(): void {
    this.cut('protocol violation');
  }

  /** Bytes that have come since the last message. */
  private takeBytes(): number {
    const bytes = this.uncountedBytes;
    this.uncountedBytes = 0;
    return bytes;
  }

  /** @internal */
  noteOut(bytes: number): void {
    this.framesOut++;
    this.bytesOut += bytes;
  }

  /** @internal */
  tooSlow(): void {
    // Not from within engine.io's own writing.
    queueMicrotask(() => this.cut('too slow'));
  }

  /** Counts what engine.io was given since then as one frame, if it took anything; returns its bytes. */
  private countOut(kind: string, bytesBefore: number): number {
    const bytes = this.bytesOut - bytesBefore;
    if (bytes > 0) this.endpoint.traffic.out.add(kind, bytes);
    return bytes;
  }

  /** @internal Its connection may still be there for a while, and counts. */
  left(): void {
    if (this.endReason !== undefined) return;
    this.endReason = 'closed by client';
    this.queue.senderGone();
    this.noteEnd();
    this.engine.close(!this.wire.hasMoreToSay);
    this.closeInTime();
    this.finish();
  }

  /** A client that polls and does not come for its goodbye would else stay for half a minute. */
  private closeInTime(): void {
    if (this.engine.readyState === 'closed') return;
    this.closeTimer = setTimeout(() => this.engine.close(true), CLOSE_TIMEOUT_MS);
  }

  private closed(reason: EndReason): void {
    clearTimeout(this.closeTimer);
    this.endpoint.places.noteUsed(this, this.place);
    this.endpoint.connections.remove(this);
    this.endReason ??= reason;
    this.queue.senderGone();
    this.noteEnd();
    this.finish();
  }

  private noteEnd(): void {
    this.onEnd?.();
  }

  /** Hands the session back to its gateway, once, when nothing of it is under way any more. */
  private finish(): void {
    if (this.queue.isBusy) return;
    const { session } = this;
    this.session = undefined;
    if (session) this.queue.add(() => this.endpoint.ended(this, session));
  }
}
