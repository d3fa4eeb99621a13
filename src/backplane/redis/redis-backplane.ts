import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Backplane } from '../../common/backplane.js';
import { isUnavailable } from '../../common/domain-error.js';
import { addressesOf } from '../../config/redis-url.js';
import { ClusterOptions } from '../../config/sections/cluster.options.js';
import { Log } from '../../logging/log.js';
import { Inboxes } from './inboxes.js';
import { NodeRegistry, type Registration } from './node-registry.js';
import { NodeRemover } from './node-remover.js';
import { OutageLog } from './outage-log.js';
import { RedisConnection } from './redis-connection.js';

/** Several heartbeats may be late or lost before a node counts as dead. */
const HEARTBEATS_PER_TIMEOUT = 9;
/** Longest wait for Redis at the start. The node then starts without it. */
const START_MS = 5000;

/**
 * Backplane over Redis: sends the heartbeats of this node, reconciles Redis with it after failures, and removes dead
 * nodes.
 */
@Injectable()
export class RedisBackplane extends Backplane implements OnApplicationBootstrap, OnApplicationShutdown {
  private available = false;
  /** Value of `redis.failures` at the start of the last successful reconciliation. */
  private reconciledFailures = -1;
  private registration?: Registration;
  private wasRegistered = false;
  /** Whether this node was removed as dead, or forgotten, and has not reconciled its state since. */
  private isReturning = false;
  private readonly outages: OutageLog;
  /** Start of the unbroken series of heartbeats up to now, of `performance.now()`. */
  private connectedSince?: number;
  private timer?: NodeJS.Timeout;
  private heartbeat?: Promise<void>;
  /** Reconciliation or removal of dead nodes, which may outlast several heartbeats. */
  private task?: Promise<void>;

  constructor(
    private readonly redis: RedisConnection,
    private readonly options: ClusterOptions,
    private readonly log: Log,
    private readonly inboxes: Inboxes,
    private readonly registry: NodeRegistry,
    private readonly remover: NodeRemover,
  ) {
    super();
    this.outages = new OutageLog(log, addressesOf(options.redis));
    // While the node is available, the next heartbeat decides whether it still is.
    redis.onFailure = (reason) => {
      if (!this.available) this.outages.reportDown(reason);
    };
    remover.onLoss = (loss) => this.reportLoss(loss);
    inboxes.onError = (error) => log.logger.error({ err: error }, 'could not apply a room change');
  }

  override get isAvailable(): boolean {
    return this.available && this.redis.isReady;
  }

  /** Waits for Redis for at most `START_MS`. */
  async onApplicationBootstrap(): Promise<void> {
    const deadline = performance.now() + START_MS;
    const intervalMs = Math.ceil(this.options.nodeTimeoutMs / HEARTBEATS_PER_TIMEOUT);
    await this.redis.whenReady(START_MS);
    for (;;) {
      await this.beat();
      await this.task;
      if (this.available || performance.now() > deadline) break;
      await sleep(intervalMs);
    }
    this.timer = setInterval(() => void this.beat(), intervalMs);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.heartbeat;
    await this.task;
    this.leaving();
    this.inboxes.stop();
    try {
      if (this.redis.isReady) {
        await this.inboxes.trim();
        await this.remover.removeOwnNode();
      }
    } catch (error) {
      this.log.logger.warn({ err: error }, 'could not unregister this node; another node will remove it');
    } finally {
      this.remover.stop();
      this.redis.close();
    }
  }

  /** Sends a heartbeat, unless the last one is still pending. */
  private beat(): Promise<void> {
    this.heartbeat ??= this.sendHeartbeat().finally(() => (this.heartbeat = undefined));
    return this.heartbeat;
  }

  /** Sends a heartbeat, and starts the tasks that its answer calls for without a wait for them. */
  private async sendHeartbeat(): Promise<void> {
    try {
      if (!this.redis.isReady) {
        this.disconnected();
        return;
      }
      const isRegistered = await this.registry.heartbeat();
      this.connectedSince ??= performance.now();
      if (!isRegistered) {
        this.setAvailable(false);
        if (!(await this.register())) return;
        // Redis has lost what this node had reconciled, or was about to.
        this.redis.failures++;
        this.isReturning = this.wasRegistered;
        this.wasRegistered = true;
      }
      if (!this.available || this.redis.failures !== this.reconciledFailures) this.start(() => this.reconcile());
      this.start(() => this.removeDeadNodes());
    } catch (error) {
      this.failed(error);
    }
  }

  /** Starts a task, unless another one is running. */
  private start(task: () => Promise<void>): void {
    this.task ??= task().finally(() => (this.task = undefined));
  }

  private async register(): Promise<boolean> {
    const registration = await this.registry.register();
    if (registration === 'NAME_IN_USE' && this.registration !== registration) {
      const { name: node } = this.registry;
      this.log.logger.error({ node }, 'another node has this name; this one serves no clients until that one stops');
    }
    this.registration = registration;
    if (registration === 'DEAD') this.start(() => this.removeDeadNodes());
    return registration === 'REGISTERED';
  }

  /** Reconciles Redis with this node. Never rejects: a later heartbeat repeats what has failed. */
  private async reconcile(): Promise<void> {
    const { failures } = this.redis;
    try {
      // The streams may be lost although the registration is not: on a Redis Cluster they are on other servers.
      await this.inboxes.open();
      await this.reconcileServices();
      this.reconciledFailures = failures;
      this.setAvailable(this.connectedSince !== undefined);
      if (this.isReturning) this.returned();
      this.isReturning = false;
    } catch (error) {
      this.failed(error);
    }
  }

  /**
   * Removes dead nodes. Never rejects: a failed removal is repeated by the next node with the lease. A node that could
   * not reach Redis itself waits for `nodeTimeoutMs`, because the outage may have silenced the others as well.
   */
  private async removeDeadNodes(): Promise<void> {
    if (this.connectedSince === undefined) return;
    if (performance.now() - this.connectedSince < this.options.nodeTimeoutMs) return;
    try {
      await this.remover.removeDeadNodes();
    } catch (error) {
      this.failed(error);
    }
  }

  private failed(error: unknown): void {
    if (!isUnavailable(error)) this.log.logger.error({ err: error }, 'the backplane failed');
    this.disconnected();
  }

  private disconnected(): void {
    this.connectedSince = undefined;
    this.setAvailable(false);
    this.outages.reportDown(this.redis.reason);
  }

  private setAvailable(available: boolean): void {
    if (this.available === available) return;
    this.available = available;
    if (!available) return;
    this.outages.reportUp();
    this.log.logger.info({ node: this.registry.name }, 'connected to the other nodes');
  }
}
