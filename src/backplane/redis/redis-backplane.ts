import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Backplane } from '../../common/backplane.js';
import { isUnavailable } from '../../common/domain-error.js';
import { NodeIdentity } from '../../common/node-identity.js';
import { Config } from '../../config/config.js';
import { Log } from '../../logging/log.js';
import { Inboxes } from './inboxes.js';
import { Keys } from './keys.js';
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
type Enrollment = 'OK' | 'LIVES' | 'DEAD';

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
  /** Since when every sign of life has reached Redis, of `performance.now()`. */
  private inTouchSince?: number;
  private timer?: NodeJS.Timeout;
  private beating?: Promise<void>;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: Keys,
    private readonly node: NodeIdentity,
    private readonly config: Config,
    private readonly log: Log,
    private readonly inboxes: Inboxes,
    private readonly directory: RedisClientDirectory,
    private readonly rooms: RedisRoomStore,
    private readonly queue: RedisOfflineQueue,
    private readonly bus: RedisMessageBus,
  ) {
    super();
    inboxes.onError = (error) => log.pino.error({ err: error }, 'a message of another node could not be handled');
  }

  override get isAvailable(): boolean {
    return this.available && this.redis.isReady;
  }

  /** Waits for Redis for a while; goes on without it if it does not come. */
  async onApplicationBootstrap(): Promise<void> {
    const deadline = performance.now() + START_MS;
    const everyMs = Math.ceil(this.config.nodeTimeoutMs / BEATS_PER_TIMEOUT);
    await this.redis.whenReady(START_MS);
    await this.beat();
    while (!this.available && performance.now() < deadline) {
      await sleep(everyMs);
      await this.beat();
    }
    if (!this.available) this.log.pino.error('Redis cannot be reached; new clients are refused until it can');
    this.timer = setInterval(() => void this.beat(), everyMs);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.beating;
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

  private async beatOnce(): Promise<void> {
    try {
      if (!this.redis.isReady) {
        this.loseTouch();
        return;
      }
      const isKnown = (await this.redis.run('beat', this.keys.nodes, this.node.name, this.run)) === 1;
      this.inTouchSince ??= performance.now();
      if (!isKnown) this.setAvailable(false);
      if (!isKnown && !(await this.enroll())) return;
      if (!isKnown || this.redis.failures !== this.agreedAt) await this.agree();
      this.setAvailable(true);
      await this.buryTheDead();
    } catch (error) {
      if (!isUnavailable(error) && this.inTouchSince !== undefined)
        this.log.pino.error({ err: error }, 'the backplane failed');
      this.loseTouch();
    }
  }

  private async enroll(): Promise<boolean> {
    const { name } = this.node;
    const { nodeTimeoutMs } = this.config;
    const outcome = (await this.redis.run('enroll', this.keys.nodes, name, this.run, nodeTimeoutMs)) as Enrollment;
    if (outcome === 'LIVES' && this.outcome !== outcome) {
      this.log.pino.error({ node: name }, 'another node of this name is running; nobody is served until it has gone');
    }
    this.outcome = outcome;
    if (outcome === 'DEAD') await this.buryTheDead();
    if (outcome !== 'OK') return false;
    await this.inboxes.open();
    return true;
  }

  /** Makes Redis, and so the others, agree with this node. */
  private async agree(): Promise<void> {
    const { failures } = this.redis;
    await this.restore();
    this.agreedAt = failures;
  }

  /** Whoever could not reach Redis itself waits, since the others may have been in the same plight. */
  private async buryTheDead(): Promise<void> {
    const { nodeTimeoutMs } = this.config;
    if (this.inTouchSince === undefined || performance.now() - this.inTouchSince < nodeTimeoutMs) return;
    const dead = (await this.redis.run('bury', this.keys.nodes, nodeTimeoutMs, BURIAL_MS)) as string[];
    for (const node of dead) {
      this.log.pino.warn({ node }, 'a node has died; its clients are given up');
      await this.rooms.reap(node);
      await this.directory.reap(node);
      await this.bus.reap(node);
      await this.redis.run('buried', this.keys.nodes, node);
    }
  }

  /** Leaves nothing behind; the last one turns out the light. */
  private async withdraw(): Promise<void> {
    const { name } = this.node;
    await this.rooms.reap(name);
    await this.directory.reap(name);
    await this.bus.reap(name);
    if ((await this.redis.run('withdraw', this.keys.nodes, name, this.run)) !== 0) return;
    await this.rooms.clear();
    await this.queue.clear();
  }

  private loseTouch(): void {
    this.inTouchSince = undefined;
    this.setAvailable(false);
  }

  private setAvailable(available: boolean): void {
    if (this.available === available) return;
    this.available = available;
    if (available) this.log.pino.info({ node: this.node.name }, 'connected to the other nodes');
    else this.log.pino.warn('the other nodes cannot be reached');
  }
}
