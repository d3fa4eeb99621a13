import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { ClientsHere } from '../clients/clients-here.js';
import { allDone } from '../common/all-done.js';
import { isDomainError, isUnavailable } from '../common/domain-error.js';
import type { Signal } from '../common/signal.js';
import { ClusterOptions } from '../config/sections/cluster.options.js';
import { LimitOptions } from '../config/sections/limit.options.js';
import { QueueOptions } from '../config/sections/queue.options.js';
import { type ExpiredPair, OfflineQueue, type WaitingSignal } from './offline-queue.js';
import { SignalRouter } from './signal-router.js';

/** Signals that could not be queued because the backplane was unreachable, until they count as expired. */
interface Failure extends ExpiredPair {
  /** In terms of `performance.now()`. */
  readonly dueAt: number;
}

/** Queues signals for absent clients, and notifies the senders of those that expire. */
@Injectable()
export class Mailbox {
  private expired = 0;
  private readonly failures = new Map<string, Failure>();
  /** Pairs whose signals were dropped because the sender may not send them, until the next sweep. */
  private readonly refused = new Map<string, ExpiredPair>();

  constructor(
    private readonly queue: OfflineQueue,
    private readonly router: SignalRouter,
    private readonly here: ClientsHere,
    private readonly options: QueueOptions,
    private readonly limits: LimitOptions,
    private readonly cluster: ClusterOptions,
  ) {}

  /** Number of pairs of sender and target with expired signals, since the start of this node. */
  get expiredPairs(): number {
    return this.expired;
  }

  /** Number of signals queued on all nodes. */
  count(): Promise<number> {
    return this.queue.count();
  }

  /**
   * Queues a signal for an absent client.
   * @returns false if a bound of the queue is reached
   * @throws DomainError UNAVAILABLE
   */
  async put(waiting: WaitingSignal): Promise<boolean> {
    const { realm, to } = waiting;
    if (!(await this.queue.put(waiting))) return false;
    // A target that has connected since it was found absent may have emptied its queue before this signal was in it.
    if (await this.router.isConnected(realm, to)) await this.forwardQueued(realm, to);
    return true;
  }

  /** Takes the signals that are queued for a client that has connected, in order. */
  take({ realm, id }: Client): Promise<Signal[]> {
    const queued = this.queue.take(realm, id);
    if (!this.cluster.serveWithoutRedis) return queued;
    return queued.catch((error: unknown) => {
      if (isUnavailable(error)) return [];
      throw error;
    });
  }

  /** Removes expired signals from the queue and notifies their senders. */
  async expireDue(): Promise<void> {
    this.notifyOfFailures();
    this.notifyOfRefusals();
    const pairs = await this.queue.expire();
    this.expired += pairs.length;
    await allDone(pairs.map(({ realm, from, to }) => this.notifyExpired(realm, from, to)));
  }

  /** Notifies a sender of this node that its signals to a client have expired, or could not wait. */
  notifyExpiredHere(sender: Client, to: string): void {
    sender.deliver(expireSignal(to));
  }

  /**
   * As `notifyExpiredHere`, for a sender on any node.
   * @throws DomainError UNAVAILABLE
   */
  async notifyExpired(realm: string, from: string, to: string): Promise<void> {
    const sender = this.here.get(realm, from);
    if (sender) this.notifyExpiredHere(sender, to);
    else await this.router.deliver(realm, from, expireSignal(to));
  }

  /** Lets a signal that could not be queued expire after the time for which it would have waited. */
  recordFailure(realm: string, from: string, to: string): void {
    const { maxQueued, queueTtlMs } = this.options;
    const key = JSON.stringify([realm, from, to]);
    if (this.failures.has(key)) return;
    const failure = { realm, from, to, dueAt: performance.now() + queueTtlMs };
    if (to.length > this.limits.maxIdLength || this.failures.size >= maxQueued) this.tryToNotify(failure);
    else this.failures.set(key, failure);
  }

  /** Lets a signal that its sender may not send expire at the next sweep. */
  recordRefusal({ realm, id: from }: Client, to: string): void {
    if (to.length > this.limits.maxIdLength || this.refused.size >= this.options.maxQueued) {
      this.tryToNotify({ realm, from, to });
    } else this.refused.set(JSON.stringify([realm, from, to]), { realm, from, to });
  }

  /**
   * Forwards the queued signals of a client in order. From the first one that cannot be delivered, they are queued
   * again.
   */
  private async forwardQueued(realm: string, to: string): Promise<void> {
    const signals = await this.queue.take(realm, to);
    let delivered = 0;
    try {
      while (delivered < signals.length && (await this.forwardOrExpire(realm, to, signals[delivered]!))) delivered++;
    } finally {
      for (const signal of signals.slice(delivered)) await this.putBack(realm, to, signal);
    }
  }

  /** @returns false if the signal has to wait, because the target or its node cannot be reached */
  private async forwardOrExpire(realm: string, to: string, signal: Signal): Promise<boolean> {
    try {
      return await this.router.deliver(realm, to, signal, this.router.queueable);
    } catch (error) {
      if (!isDomainError(error)) throw error;
      if (isUnavailable(error)) return false;
      // The target does not understand the signal, or its sender has filled its share: waiting would not help.
      this.tryToNotify({ realm, from: signal.from, to });
      return true;
    }
  }

  /** Queues a signal again, or lets it expire. Never fails, so that no signal is lost because of another one. */
  private async putBack(realm: string, to: string, signal: Signal): Promise<void> {
    const { from } = signal;
    try {
      const address = await this.router.addressGroupOf(realm, from);
      if (!(await this.queue.put({ realm, to, signal, address }))) this.tryToNotify({ realm, from, to });
    } catch {
      this.recordFailure(realm, from, to);
    }
  }

  private notifyOfFailures(): void {
    const now = performance.now();
    for (const [key, failure] of this.failures) {
      if (failure.dueAt > now) break;
      this.failures.delete(key);
      this.tryToNotify(failure);
    }
  }

  private notifyOfRefusals(): void {
    const pairs = [...this.refused.values()];
    this.refused.clear();
    for (const pair of pairs) this.tryToNotify(pair);
  }

  private tryToNotify({ realm, from, to }: ExpiredPair): void {
    this.notifyExpired(realm, from, to).catch(() => {
      // The sender is out of reach.
    });
  }
}

/** The notice that signals to a client have expired. */
function expireSignal(target: string): Signal {
  return { kind: 'expire', from: target };
}
