import type { KeptClient } from '../lifecycle/connections.js';
import type { SocketIoConnection } from './socket-io.connection.js';
import type { SocketIoEndpoint } from './socket-io.endpoint.js';
import type { SocketIoMessage } from './socket-io.messages.js';
import type { SocketIoEvent } from './socket-io.packets.js';
import type { WireOwner } from './socket-io.wire.js';

/**
 * Messages that may wait behind a slow one. The sender of more is disconnected, because it cannot be slowed down as
 * over a plain WebSocket: engine.io delivers all messages of a polling request at once, and it takes a WebSocket that
 * is paused for longer than `pingTimeout` for a dead one.
 */
const MAX_QUEUED = 1000;

/** Maximum size of an acknowledgement that costs the client nothing. The server asks for one with each event. */
const FREE_ANSWER_BYTES = 1024;

/** Receives the packets of one connection: bounds and counts them, and queues the messages for the gateway. */
export class SocketIoReceiver<S extends KeptClient> implements WireOwner {
  /** Time of the last packet, in milliseconds since 1970. */
  lastSeenAt = Date.now();
  /** Bytes of the message that is arriving. */
  private incomingBytes = 0;
  /** Bytes that have arrived since the last message. */
  private uncountedBytes = 0;
  private hasJoined = false;
  private onJoin?: (auth: unknown) => void;

  constructor(
    private readonly connection: SocketIoConnection<S>,
    private readonly endpoint: SocketIoEndpoint<S>,
  ) {}

  admit(bytes: number, isText: boolean, isAwaited: boolean): boolean {
    const { core } = this.connection;
    if (core.endReason !== undefined) return false;
    const { maxFrameBytes } = this.endpoint.core.limits;
    // The binary parts of a message follow in packets of their own.
    this.incomingBytes = isText ? bytes : this.incomingBytes + bytes;
    core.framesIn++;
    core.bytesIn += bytes;
    this.lastSeenAt = Date.now();
    this.uncountedBytes += bytes;
    const isPaidFor = (isAwaited && bytes <= FREE_ANSWER_BYTES) || core.queue.admit(bytes);
    if (isPaidFor && this.incomingBytes <= maxFrameBytes) return true;
    this.endpoint.core.rateExceeded(this.connection);
    return false;
  }

  received(event: SocketIoEvent): void {
    const { core } = this.connection;
    if (core.endReason !== undefined) return;
    const bytes = this.uncountedBytes;
    this.uncountedBytes = 0;
    if (core.queue.length >= MAX_QUEUED || core.queuedBytes > this.endpoint.core.limits.maxBufferedBytes) {
      this.endpoint.core.rateExceeded(this.connection);
    } else {
      const { name, body, frame, ackId } = event;
      const asksForAnswer = ackId !== undefined;
      const answer = asksForAnswer ? this.answerOnce(ackId) : ignore;
      const message: SocketIoMessage = { name, body, frame, bytes, asksForAnswer, answer };
      core.enqueue(bytes, () => {
        const session = core.dequeue(bytes);
        if (session) return this.endpoint.dispatch(this.connection, session, message);
      });
    }
  }

  /** Resolves when the client has joined the namespace, with what it has sent for its authentication. */
  whenJoined(): Promise<unknown> {
    return new Promise((resolve) => {
      this.onJoin = resolve;
      if (this.hasJoined) resolve(undefined);
    });
  }

  joined(auth: unknown): void {
    this.hasJoined = true;
    this.onJoin?.(auth);
  }

  violated(): void {
    this.connection.cut('protocol violation');
  }

  countOut(bytes: number): void {
    const { core } = this.connection;
    core.framesOut++;
    core.bytesOut += bytes;
  }

  tooSlow(): void {
    // engine.io calls this while it writes, and must not be closed in between.
    queueMicrotask(() => this.connection.cut('too slow'));
  }

  left(): void {
    this.connection.left();
  }

  private answerOnce(ackId: string): (answer: object) => void {
    let isAnswered = false;
    return (answer) => {
      if (isAnswered) return;
      isAnswered = true;
      this.connection.acknowledge(ackId, answer);
    };
  }
}

/** The answer to a message that asks for none. */
function ignore(): void {
  // The client would not understand it.
}
