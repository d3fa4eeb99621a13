import { randomUUID } from 'node:crypto';
import { Inboxes } from '../../src/backplane/redis/inboxes.js';
import { Keys } from '../../src/backplane/redis/keys.js';
import { RedisBackplane } from '../../src/backplane/redis/redis-backplane.js';
import { RedisClientDirectory } from '../../src/backplane/redis/redis-client-directory.js';
import { RedisConnection } from '../../src/backplane/redis/redis-connection.js';
import { RedisMessageBus } from '../../src/backplane/redis/redis-message-bus.js';
import { RedisOfflineQueue } from '../../src/backplane/redis/redis-offline-queue.js';
import { RedisRoomStore } from '../../src/backplane/redis/redis-room-store.js';
import { NodeIdentity } from '../../src/common/node-identity.js';
import type { Config } from '../../src/config/config.js';
import { Log } from '../../src/logging/log.js';
import { REDIS_KINDS, startRedis } from '../support/shared-redis.js';
import type { SharedRedis } from '../support/redis-server.js';
import { describeContracts } from './contracts.js';

/** The ports of one node. */
class Node {
  private readonly connection: RedisConnection;
  readonly directory: RedisClientDirectory;
  readonly rooms: RedisRoomStore;
  readonly queue: RedisOfflineQueue;
  readonly bus: RedisMessageBus;
  private readonly backplane: RedisBackplane;

  constructor(name: string, config: Config) {
    const identity = new NodeIdentity(name);
    const keys = new Keys(config);
    this.connection = new RedisConnection(config);
    const inboxes = new Inboxes(this.connection, keys, identity);
    this.directory = new RedisClientDirectory(this.connection, keys);
    this.rooms = new RedisRoomStore(this.connection, keys, identity, config, inboxes);
    this.queue = new RedisOfflineQueue(this.connection, keys, config);
    this.bus = new RedisMessageBus(this.connection, keys, inboxes);
    this.backplane = new RedisBackplane(
      this.connection,
      keys,
      identity,
      config,
      Log.create(config),
      inboxes,
      this.directory,
      this.rooms,
      this.queue,
      this.bus,
    );
  }

  async open(): Promise<this> {
    await this.backplane.onApplicationBootstrap();
    return this;
  }

  close(): Promise<void> {
    return this.backplane.onApplicationShutdown();
  }
}

describe.each(REDIS_KINDS)('%s', (kind) => {
  let redis: SharedRedis;

  beforeAll(async () => {
    redis = await startRedis(kind);
  });

  afterAll(() => redis.kill());

  describeContracts(`redis, ${kind}`, async (config) => {
    const own = Object.assign(config, { redis: redis.url, redisPrefix: randomUUID(), logLevel: 'silent' });
    const [a, b] = await Promise.all(['a', 'b'].map((name) => new Node(name, own).open()));
    return {
      directory: a.directory,
      rooms: a.rooms,
      roomsOfB: b.rooms,
      queue: a.queue,
      busOfA: a.bus,
      busOfB: b.bus,
      async close() {
        await Promise.all([a.close(), b.close()]);
        // All that was left was somebody's, and is gone with the nodes.
        expect(await redis.keys()).toEqual([]);
      },
    };
  });
});
