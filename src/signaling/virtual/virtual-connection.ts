import type { ClientConnection } from '../../clients/client-connection.js';
import { DomainError, isUnavailable } from '../../common/domain-error.js';
import type { EndReason } from '../../common/end-reason.js';
import type { Traffic } from '../../common/traffic.js';
import { WriteBound } from '../../transport/bounds/write-bound.js';
import type { OpenConnection } from '../../transport/lifecycle/connections.js';
import type { PresenceService } from '../presence.service.js';
import type { VirtualClientListener } from './virtual-client.js';
import type { VirtualContext } from './virtual-context.js';
import type { VirtualPeer } from './virtual-peer.js';

/** Estimated memory of a waiting callback, without the bytes of its signal. */
const OVERHEAD_BYTES = 512;

/** A callback that waits for earlier ones. */
interface Waiting {
  readonly bytes: number;
  readonly call: () => unknown;
}

/**
 * Stands in for the connection of a virtual client: it calls the application one callback at a time. What waits is
 * bounded like the bytes that wait for other clients, and the drain, the shutdown and the memory budget end it like
 * other connections. It takes no place, and its event-loop turns are its own: a sender does not wait for a callback.
 */
export class VirtualConnection implements ClientConnection, OpenConnection {
  readonly address = '';
  endReason?: EndReason;

  private client?: VirtualPeer;
  private registration = Promise.resolve();
  private cleanup?: Promise<void>;
  private sending: Promise<unknown> = Promise.resolve();
  private readonly waiting: Waiting[] = [];
  private readonly bound: WriteBound;
  private readonly counts = { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0, waitingBytes: 0 };
  private readonly openedAt = performance.now();
  private isCalling = false;
  private isOpen = false;

  constructor(
    private readonly context: VirtualContext,
    private readonly presence: Pick<PresenceService, 'connect' | 'disconnect'>,
    private readonly listener: VirtualClientListener,
  ) {
    this.bound = new WriteBound(context.limits);
  }

  /**
   * Registers the client of the connection.
   * @throws DomainError ID_TAKEN, UNAVAILABLE; then nothing is left of the client
   */
  async open(client: VirtualPeer): Promise<void> {
    const { connections, reports } = this.context;
    this.client = client;
    connections.add(this);
    this.registration = this.presence.connect(client, () => undefined);
    try {
      await this.registration;
    } catch (error) {
      connections.remove(this);
      throw error;
    }
    reports.connected(client.protocol, client);
    this.isOpen = !client.hasEnded;
    if (this.isOpen) return;
    await this.cleanup;
    throw this.endReason === 'replaced'
      ? new DomainError('ID_TAKEN', { id: client.id })
      : new DomainError('UNAVAILABLE', {});
  }

  /** Every signal that it sends is a sign of life. */
  get signsOfLife(): number {
    return this.counts.framesIn;
  }

  get traffic(): Traffic {
    return { ...this.counts, lastSeenAt: Date.now() };
  }

  get heldBytes(): number {
    return this.counts.waitingBytes + (this.client?.keptBytes ?? 0);
  }

  /** Whether a sender may write a signal of this size: it may fill only a share of what waits for the client. */
  admits(sender: string, bytes: number): boolean {
    return this.bound.admits(sender, OVERHEAD_BYTES + bytes, this.counts.waitingBytes);
  }

  /**
   * Calls the application after all earlier callbacks. A client for which too much waits is ended.
   * @param carriedBytes bytes of the signal's payload
   */
  post(carriedBytes: number, call: () => unknown): void {
    if (this.endReason !== undefined) return;
    const { counts } = this;
    const bytes = OVERHEAD_BYTES + carriedBytes;
    counts.framesOut++;
    counts.bytesOut += carriedBytes;
    counts.waitingBytes += bytes;
    this.bound.add(bytes);
    this.waiting.push({ bytes, call });
    if (this.bound.isExceeded(counts.waitingBytes)) this.cut('too slow');
    else this.callSoon();
  }

  /**
   * Runs what the client does after everything that it did before.
   * @param carriedBytes bytes of the signal's payload, if the client sends one
   * @throws DomainError CLIENT_NOT_FOUND if the client has ended
   */
  inOrder<T>(work: (client: VirtualPeer) => T | Promise<T>, carriedBytes?: number): Promise<T> {
    const done = this.sending.then(() => {
      const { client, counts } = this;
      if (!client || this.endReason !== undefined) throw new DomainError('CLIENT_NOT_FOUND', { id: client?.id ?? '' });
      if (carriedBytes !== undefined) {
        counts.framesIn++;
        counts.bytesIn += carriedBytes;
      }
      return work(client);
    });
    this.sending = done.catch(() => undefined);
    return done;
  }

  /** The application's own code has no rate. */
  charge(): void {
    return;
  }

  limitRate(): void {
    return;
  }

  /** The client needs no permissions, so it waits for nothing. */
  async whileOpen<T>(ask: () => T | Promise<T>): Promise<T> {
    return ask();
  }

  failed(error: unknown): void {
    const { listener } = this;
    if (listener.onError) this.post(0, () => listener.onError?.(error as DomainError));
    else this.warn(error, 'a signal of a virtual client was not delivered');
  }

  /** It is alive as long as its node. */
  beat(): void {
    return;
  }

  end(reason: EndReason): void {
    this.cut(reason);
  }

  /** Ends the client, drops the callbacks that wait, and tells the application. Only the first call has an effect. */
  cut(reason: EndReason): void {
    if (this.endReason !== undefined) return;
    this.endReason = reason;
    this.waiting.length = 0;
    const { connections } = this.context;
    this.cleanup = this.withdraw(reason);
    void connections.track(this.cleanup.then(() => this.announceEnd(reason)));
    connections.remove(this);
  }

  /** Ends the client for the application, after all that it has done. Resolves when nothing is left of it. */
  async close(): Promise<void> {
    await this.sending;
    this.cut('closed by client');
    await this.cleanup;
  }

  /** Never rejects. */
  private async withdraw(reason: EndReason): Promise<void> {
    const { client } = this;
    try {
      await this.registration;
    } catch {
      // `open` reports it.
      return;
    }
    if (!client) return;
    this.context.reports.ended(client.protocol, reason, this.openedAt, client);
    try {
      await this.presence.disconnect(client, reason);
    } catch (error) {
      // If the backplane cannot be reached, it is reconciled with this node later.
      if (!isUnavailable(error)) this.warn(error, 'a virtual client was not removed completely');
    }
  }

  /** Tells the application, which may wait for `close` meanwhile. A client that `open` rejects has never existed. */
  private async announceEnd(reason: EndReason): Promise<void> {
    const { listener } = this;
    if (this.isOpen && reason !== 'closed by client') await this.attempt(() => listener.onEnd?.(reason));
  }

  private callSoon(): void {
    if (this.isCalling) return;
    this.isCalling = true;
    // Not within the sender's turn: two virtual clients that answer each other must not starve the event loop.
    setImmediate(() => void this.callAll());
  }

  /** Never rejects. */
  private async callAll(): Promise<void> {
    for (let count = this.waiting.length; count > 0; count--) {
      const next = this.waiting.shift();
      if (!next) break;
      await this.attempt(next.call);
      this.counts.waitingBytes -= next.bytes;
    }
    this.isCalling = false;
    if (this.waiting.length > 0) this.callSoon();
  }

  private async attempt(call: () => unknown): Promise<void> {
    try {
      await call();
    } catch (error) {
      const { realm, id } = this.client ?? {};
      this.context.log.logger.error({ err: error, realm, client: id }, 'a callback of a virtual client has failed');
    }
  }

  private warn(error: unknown, message: string): void {
    const { realm, id } = this.client ?? {};
    this.context.log.logger.warn({ err: error, realm, client: id }, message);
  }
}
