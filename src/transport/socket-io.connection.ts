import type { Socket as EngineSocket } from 'engine.io';
import type { Socket } from 'socket.io';
import { DomainError } from '../common/domain-error.js';
import type { EndReason, Goodbye } from '../common/end-reason.js';
import type { Traffic } from '../common/traffic.js';
import type { OpenConnection } from './connections.js';
import { SerialQueue, type QueueOwner } from './serial-queue.js';
import type { SocketIoEndpoint } from './socket-io.endpoint.js';
import { TokenBucket } from './token-bucket.js';

/** Messages that may wait behind a slow one. */
const MAX_WAITING = 1000;

/** How long an ended connection may take to read its goodbye before it is cut. */
const CLOSE_TIMEOUT_MS = 5000;

/** Signaling messages are small: compressing them costs more than it saves. */
const UNCOMPRESSED = { compress: false };

/** Goodbyes after which the client library is to come again by itself; after others it waits for its user. */
const COME_AGAIN: readonly Goodbye[] = ['server shutdown', 'too slow'];

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
  /** Its size, with whatever else came since the message before. */
  readonly bytes: number;
  readonly answer: (answer: object) => void;
}

/** What of an engine.io packet concerns us. */
interface Packet {
  readonly data?: string | Buffer;
}

/**
 * A socket.io connection of this node, polling or WebSocket. As any connection it is a queue: its messages in order, and
 * its end, one after the other.
 */
export class SocketIoConnection implements OpenConnection, QueueOwner {
  /** What the protocol's gateway keeps of this connection. */
  session?: object;
  /** Why it has ended, or is ending; undefined while it is in use. */
  endReason?: EndReason;
  /** Id of the client that it has become. */
  clientId?: string;
  /** Of `performance.now()`. */
  readonly openedAt = performance.now();

  private readonly queue = new SerialQueue(this);
  private readonly bucket: TokenBucket;
  private socket?: Socket;
  private messages = 0;
  private framesIn = 0;
  private framesOut = 0;
  private bytesIn = 0;
  private bytesOut = 0;
  private lastSeenAt = Date.now();
  /** Bytes of the messages that wait behind a slow one. */
  private waitingBytes = 0;
  /** Bytes of the message that is coming in. */
  private unfinishedBytes = 0;
  /** Bytes that have come since the last message. */
  private uncountedBytes = 0;
  /** Bytes that engine.io has not handed to the transport yet. */
  private bufferedBytes = 0;
  private closeTimer?: NodeJS.Timeout;
  private onEnd?: () => void;

  constructor(
    private readonly endpoint: SocketIoEndpoint,
    private readonly engine: EngineSocket,
    readonly address: string,
  ) {
    const { framesPerSecond, frameBurst } = endpoint.limits;
    this.bucket = new TokenBucket(framesPerSecond, frameBurst, this.openedAt);
    engine.on('packet', (packet: Packet) => this.admit(packet));
    engine.on('packetCreate', (packet: Packet) => this.noteBuffered(packet));
    engine.on('flush', () => (this.bufferedBytes = 0));
    engine.on('close', (reason: string) => this.closed(ENDS[reason] ?? 'closed by client'));
    endpoint.connections.add(this);
  }

  /** Takes the one socket of socket.io that there may be on a connection. */
  join(socket: Socket): void {
    if (this.socket || this.endReason !== undefined) {
      this.cut('protocol violation');
      return;
    }
    this.socket = socket;
    socket.onAny((name: string, ...rest: unknown[]) => this.received(name, rest));
    socket.on('disconnect', () => this.leave());
  }

  /**
   * Emits a message that asks for an answer, which nobody waits for.
   * @param name not escaped
   * @param kind what it counts as
   * @param json the text of its one argument, with the places of its attachments in socket.io's way
   */
  emit(name: string, json: string, attachments: readonly Buffer[] = [], kind = 'other'): void {
    if (this.endReason !== undefined || !this.socket?.connected) return;
    const before = this.bytesOut;
    const type = attachments.length > 0 ? `5${attachments.length}-` : '2';
    this.engine.write(`${type}${this.messages++}["${name}",${json}]`, UNCOMPRESSED);
    for (const attachment of attachments) this.engine.write(attachment, UNCOMPRESSED);
    this.countOut(kind, before);
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

  get traffic(): Traffic {
    const { framesIn, framesOut, bytesIn, bytesOut, bufferedBytes: waitingBytes, lastSeenAt } = this;
    return { framesIn, framesOut, bytesIn, bytesOut, waitingBytes, lastSeenAt };
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
    // The client library comes again after a lost transport, but not after a disconnect of the server's.
    if (this.socket && !COME_AGAIN.includes(reason)) this.socket.disconnect(true);
    else this.engine.close(!this.hasMoreToSay);
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

  /** engine.io has heartbeats of its own. */
  beat(): void {
    return;
  }

  failed(error: unknown): void {
    this.endpoint.fail(this, error);
  }

  idle(): void {
    if (this.endReason !== undefined) this.finish();
  }

  private admit({ data }: Packet): void {
    if (this.endReason !== undefined) return;
    const { maxFrameBytes } = this.endpoint.limits;
    const bytes = sizeOf(data);
    // The attachments of a message come in packets of their own, behind its text.
    this.unfinishedBytes = typeof data === 'string' ? bytes : this.unfinishedBytes + bytes;
    this.framesIn++;
    this.bytesIn += bytes;
    this.lastSeenAt = Date.now();
    this.uncountedBytes += bytes;
    if (!this.bucket.take(performance.now()) || this.unfinishedBytes > maxFrameBytes) this.endpoint.rateExceeded(this);
  }

  private received(name: string, rest: unknown[]): void {
    if (this.endReason !== undefined) return;
    const bytes = this.takeBytes();
    const acknowledge = rest.pop();
    // A message without an ack cannot be answered, and is ignored.
    if (typeof acknowledge !== 'function') {
      this.endpoint.countUnknown(bytes);
      return;
    }
    const answer = (result: object): void => {
      const before = this.bytesOut;
      (acknowledge as SocketIoMessage['answer'])(result);
      this.countOut('other', before);
    };
    const message: SocketIoMessage = { name, body: rest[0], bytes, answer };
    const { queue } = this;
    if (queue.length >= MAX_WAITING || this.waitingBytes > this.endpoint.limits.maxBufferedBytes) {
      this.endpoint.rateExceeded(this);
      return;
    }
    this.waitingBytes += bytes;
    queue.add(() => {
      this.waitingBytes -= bytes;
      return this.endpoint.dispatch(this, message);
    });
  }

  /** Bytes that have come since the last message. */
  private takeBytes(): number {
    const bytes = this.uncountedBytes;
    this.uncountedBytes = 0;
    return bytes;
  }

  private noteBuffered({ data }: Packet): void {
    if (this.bufferedBytes > this.endpoint.limits.maxBufferedBytes) {
      // Not from within engine.io's own writing.
      queueMicrotask(() => this.cut('too slow'));
    }
    const bytes = sizeOf(data);
    this.bufferedBytes += bytes;
    this.framesOut++;
    this.bytesOut += bytes;
  }

  /** Counts what engine.io was given since then as one frame, if it took anything. */
  private countOut(kind: string, bytesBefore: number): void {
    const bytes = this.bytesOut - bytesBefore;
    if (bytes > 0) this.endpoint.traffic.out.add(kind, bytes);
  }

  /** Whether something waits for the client's next poll, or for the socket to be writable. */
  private get hasMoreToSay(): boolean {
    return this.bufferedBytes > 0 || this.engine.transport.writable;
  }

  /** The client has left; its connection may still be there for a while, and counts. */
  private leave(): void {
    if (this.endReason !== undefined) return;
    this.endReason = 'closed by client';
    this.noteEnd();
    this.engine.close(!this.hasMoreToSay);
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
    this.endpoint.connections.remove(this);
    this.endReason ??= reason;
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

/** In bytes, whatever it is. */
function sizeOf(data: Packet['data']): number {
  return data === undefined ? 0 : Buffer.byteLength(data);
}
