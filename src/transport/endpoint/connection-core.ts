import { DomainError } from '../../common/domain-error.js';
import type { EndReason } from '../../common/end-reason.js';
import type { Traffic } from '../../common/traffic.js';
import type { LoggedClient, LoggedConnection } from '../../logging/connection-log.js';
import { PacedQueue, type QueueOwner } from '../bounds/paced-queue.js';
import type { TokenBucket } from '../bounds/token-bucket.js';
import type { KeptClient } from '../lifecycle/connections.js';
import type { EndingConnection, EndpointCore } from './endpoint-core.js';

/** The connection that a ConnectionCore is a part of. */
export interface CoreOwner extends LoggedConnection {
  readonly isPaused: boolean;
  /** Stops reading what the client sends. */
  pause(): void;
  /** Reads on. */
  resume(): void;
}

/**
 * The part of a connection that does not depend on what carries its messages. It does the work of the connection one
 * piece after the other: the registration of its client, the client's messages in order, and at last the client's end,
 * so that no handler runs for a client that is gone.
 */
export class ConnectionCore<C extends KeptClient> implements QueueOwner, EndingConnection {
  /** The client that the admission has made of the connection; undefined before its registration and after its end. */
  client?: C;
  /** The client as logs name it; undefined until the connection becomes one. */
  identity?: LoggedClient;
  /** Why the connection has ended, or is ending; undefined while it is in use. */
  endReason?: EndReason;
  /** In the time of `performance.now()`. */
  readonly openedAt = performance.now();
  readonly queue: PacedQueue;
  framesIn = 0;
  framesOut = 0;
  bytesIn = 0;
  bytesOut = 0;
  /** Bytes of the messages that wait in the queue. */
  queuedBytes = 0;
  private onEnd?: () => void;

  constructor(
    private readonly owner: CoreOwner,
    private readonly endpoint: EndpointCore<C>,
    /** Shared by all connections of the client's address; undefined if the address has no bounds. */
    addressBudget: TokenBucket | undefined,
  ) {
    this.queue = new PacedQueue(this, endpoint.limits, addressBudget);
  }

  /** Bytes of memory that queued messages and the client hold. */
  get heldBytes(): number {
    return this.queuedBytes + (this.client?.keptBytes ?? 0);
  }

  /**
   * @param waitingBytes bytes that the client has not read yet
   * @param lastSeenAt milliseconds since 1970
   */
  traffic(waitingBytes: number, lastSeenAt: number): Traffic {
    const { framesIn, framesOut, bytesIn, bytesOut } = this;
    return { framesIn, framesOut, bytesIn, bytesOut, waitingBytes, lastSeenAt };
  }

  /**
   * Runs the handler of a message when all earlier work is done. The handler calls `dequeue` first.
   * @param bytes size of the message
   */
  enqueue(bytes: number, handle: () => void | Promise<void>): void {
    this.queuedBytes += bytes;
    this.queue.add(handle);
  }

  /**
   * Counts a message as no longer queued.
   * @param bytes size of the message
   * @returns the client that the message belongs to; undefined if the message is dropped, because the connection was
   *   refused
   */
  dequeue(bytes: number): C | undefined {
    this.queuedBytes -= bytes;
    return this.client;
  }

  /**
   * Resolves as `ask` does, which may wait for an application and never resolve. The connection's end ends the wait, and
   * aborts the signal. `ask` is called even then: it may return a promise that has begun before, and whose rejection needs
   * a handler.
   * @throws DomainError NOT_AUTHORIZED if the connection has ended, or ends meanwhile
   */
  async whileOpen<T>(ask: (gone: AbortSignal) => T | Promise<T>): Promise<T> {
    const outer = this.onEnd;
    const gone = new AbortController();
    const ended = new Promise<never>((_, reject) => {
      this.onEnd = () => {
        outer?.();
        gone.abort();
        reject(new DomainError('NOT_AUTHORIZED', {}));
      };
    });
    if (this.endReason !== undefined) this.onEnd?.();
    try {
      return await Promise.race([ended, (async () => ask(gone.signal))()]);
    } finally {
      this.onEnd = outer;
    }
  }

  /** Drops all queued messages. */
  clear(): void {
    this.queue.clear();
    this.queuedBytes = 0;
  }

  /**
   * Ends the connection of a client that sends nothing any more. Messages that it has sent are still handled, unless
   * they wait because it is in debt.
   */
  clientGone(reason: EndReason): void {
    this.endReason ??= reason;
    this.queue.senderGone();
    if (this.queue.length === 0) this.queuedBytes = 0;
    this.finish();
  }

  /** Tells the gateway once that its client has gone, after all other work. */
  finish(): void {
    this.onEnd?.();
    if (this.queue.isBusy) return;
    const { client } = this;
    this.client = undefined;
    if (client) this.queue.add(() => this.endpoint.ended(this, client));
  }

  /** @internal */
  failed(error: unknown): void {
    this.endpoint.fail(this.owner, error);
  }

  /** @internal */
  delayed(): void {
    if (this.endReason === undefined) this.owner.pause();
  }

  /** @internal */
  idle(): void {
    if (this.endReason !== undefined) this.finish();
    else if (this.owner.isPaused) this.owner.resume();
  }
}
