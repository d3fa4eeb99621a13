import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Backplane } from '../../common/backplane.js';
import { isUnavailable } from '../../common/domain-error.js';
import { NodeIdentity } from '../../common/node-identity.js';
import { ClusterOptions } from '../../config/sections/cluster.options.js';
import { addressesOf } from '../../config/redis-url.js';
import { Log } from '../../logging/log.js';
import { Inboxes } from './inboxes.js';
import { Keys } from './keys.js';
import { OutageLog } from './outage-log.js';
import type { IsOurs } from './reaping.js';
import { RedisClientDirectory } from './redis-client-directory.js';
import { RedisConnection } from './redis-connection.js';
import { RedisMessageBus } from './redis-message-bus.js';
import { RedisOfflineQueue } from './redis-offline-queue.js';
import { RedisRoomStore } from './redis-room-store.js';

/** Signs of life within the time after which a node counts as dead. */
const BEATS_PER_TIMEOUT = 9;
/** How long somebody may take to bury a dead node before another one does. */
const BURIAL_MS = 5000;
/** How long the start waits for Redis before the node goes on without it. */
const START_MS = 5000;

/** What became of an attempt to be one of the nodes. */
type Enrollment = 'REGISTERED' | 'NAME_IN_USE' | 'DEAD';

/**
 * One node among others: it gives signs of life, buries the dead, and makes Redis agree with itself after something was lost.
 */
@Injectable()
export class RedisBackplane extends Backplane implements OnApplicationBootstrap, OnApplicationShutdown {
  private available = false;
  /** Tells this run of the node from earlier ones with the same name. */
  private readonly run = randomUUID();
  /** How many failures there had been when all agreed for the last time. */
  private agreedAt = -1;
  private outcome?: Enrollment;
  private readonly outages: OutageLog;
  /** Since when every sign of life has reached Redis, of `performance.now()`. */
  private inTouchSince?: number;
  private timer?: NodeJS.Timeout;
  private beating?: Promise<void>;
  /** What takes longer than a beat: agreeing with the others, or burying the dead. */
  private task?: Promise<void>;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: Keys,
    private readonly node: NodeIdentity,
    private readonly options: ClusterOptions,
    private readonly log: Log,
    private readonly inboxes: Inboxes,
    private readonly directory: RedisClientDirectory,
    private readonly rooms: RedisRoomStore,
    private readonly queue: RedisOfflineQueue,
    private readonly bus: RedisMessageBus,
  ) {
    super();
    this.outages = new OutageLog(log, addressesOf(options.redis));
    // While it is available, the next beat finds out whether it still is.
    redis.onFailure = (reason) => {
      if (!this.available) this.outages.isDown(reason);
    };
    inboxes.onError = (error) => log.pino.error({ err: error }, 'a change in a room could not be handled');
  }

  override get isAvailable(): boolean {
    return this.available && this.redis.isReady;
  }

  /** Waits for Redis for a while; goes on without it if it does not come. */
  async onApplicationBootstrap(): Promise<void> {
    const deadline = performance.now() + START_MS;
    const everyMs = Math.ceil(this.options.nodeTimeoutMs / BEATS_PER_TIMEOUT);
    await this.redis.whenReady(START_MS);
    for (;;) {
      await this.beat();
      await this.task;
      if (this.available || performance.now() > deadline) break;
      await sleep(everyMs);
    }
    this.timer = setInterval(() => void this.beat(), everyMs);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.beating;
    await this.task;
    this.inboxes.stop();
    try {
      if (this.redis.isReady) await this.withdraw();
    } catch (error) {
      this.log.pino.warn({ err: error }, 'this node could not say that it goes; the others will find out');
    } finally {
      this.redis.close();
    }
  }

  /** One after the other: a slow one delays the next. */
  private beat(): Promise<void> {
    this.beating ??= this.beatOnce().finally(() => (this.beating = undefined));
    return this.beating;
  }

  /** A sign of life, which waits for nothing else; what is to be done besides may take longer. */
  private async beatOnce(): Promise<void> {
    try {
      if (!this.redis.isReady) {
        this.loseTouch();
        return;
      }
      const isKnown = (await this.redis.run('heartbeat', this.keys.nodes.base, this.node.name, this.run)) === 1;
      this.inTouchSince ??= performance.now();
      if (!isKnown) {
        this.setAvailable(false);
        if (!(await this.enroll())) return;
        // Whatever was agreed on, or is being, is lost.
        this.redis.failures++;
      }
      if (!this.available || this.redis.failures !== this.agreedAt) this.start(() => this.agree());
      this.start(() => this.buryTheDead());
    } catch (error) {
      this.failed(error);
    }
  }

  /** Starts what takes longer than a beat, unless something like that is still under way. */
  private start(task: () => Promise<void>): void {
    this.task ??= task().finally(() => (this.task = undefined));
  }

  private async enroll(): Promise<boolean> {
    const { name } = this.node;
    const { nodeTimeoutMs } = this.options;
    const outcome = (await this.redis.run(
      'registerNode',
      this.keys.nodes.base,
      name,
      this.run,
      nodeTimeoutMs,
    )) as Enrollment;
    if (outcome === 'NAME_IN_USE' && this.outcome !== outcome) {
      this.log.pino.error({ node: name }, 'another node of this name is running; nobody is served until it has gone');
    }
    this.outcome = outcome;
    if (outcome === 'DEAD') this.start(() => this.buryTheDead());
    return outcome === 'REGISTERED';
  }

  /** Makes Redis, and so the others, agree with this node. Never fails: what cannot be done now is done after a later beat. */
  private async agree(): Promise<void> {
    const { failures } = this.redis;
    try {
      // They may be lost, although this node was not forgotten: on a Redis Cluster they are somewhere else.
      await this.inboxes.open();
      await this.restore();
      this.agreedAt = failures;
      this.setAvailable(this.inTouchSince !== undefined);
    } catch (error) {
      this.failed(error);
    }
  }

  /**
   * Gives up the clients of nodes that have died. Whoever could not reach Redis itself waits, since the others may have been in the
   * same plight. Never fails: somebody else goes on with what was not finished.
   */
  private async buryTheDead(): Promise<void> {
    const { nodeTimeoutMs } = this.options;
    if (this.inTouchSince === undefined || performance.now() - this.inTouchSince < nodeTimeoutMs) return;
    try {
      const dead = await this.redis.run('acquireLeases', this.keys.nodes.base, this.run, nodeTimeoutMs, BURIAL_MS);
      for (const node of dead as string[]) {
        this.log.pino.warn({ node }, 'a node has died; its clients are given up');
        const isOurs: IsOurs = async () =>
          (await this.redis.run('renewLease', this.keys.nodes.base, this.run, node)) === 1;
        await this.reap(node, isOurs);
        if (await isOurs()) await this.redis.run('forgetDeadNode', this.keys.nodes.base, node);
      }
    } catch (error) {
      this.failed(error);
    }
  }

  /** Removes what a node owns, for as long as that is this node's task. */
  private async reap(node: string, isOurs: IsOurs): Promise<void> {
    await this.rooms.reap(node, isOurs);
    await this.directory.reap(node, isOurs);
    await this.bus.reap(node, isOurs);
  }

  /** Leaves nothing behind; the last one turns out the light. */
  private async withdraw(): Promise<void> {
    const { name } = this.node;
    const isOurs: IsOurs = () => Promise.resolve(true);
    await this.inboxes.tidy();
    await this.reap(name, isOurs);
    if ((await this.redis.run('unregisterNode', this.keys.nodes.base, name, this.run)) !== 0) return;
    await this.directory.clear();
    await this.rooms.clear();
    await this.queue.clear();
  }

  private failed(error: unknown): void {
    if (!isUnavailable(error)) this.log.pino.error({ err: error }, 'the backplane failed');
    this.loseTouch();
  }

  private loseTouch(): void {
    this.inTouchSince = undefined;
    this.setAvailable(false);
    this.outages.isDown(this.redis.reason);
  }

  private setAvailable(available: boolean): void {
    if (this.available === available) return;
    this.available = available;
    if (!available) return;
    this.outages.isOver();
    this.log.pino.info({ node: this.node.name }, 'connected to the other nodes');
  }
}
