import { randomUUID } from 'node:crypto';
import { Inboxes } from '../../src/backplane/redis/inboxes.js';
import { Keys } from '../../src/backplane/redis/keys.js';
import { NodeRegistry } from '../../src/backplane/redis/node-registry.js';
import { NodeRemover } from '../../src/backplane/redis/node-remover.js';
import { RedisBackplane } from '../../src/backplane/redis/redis-backplane.js';
import { RedisClientDirectory } from '../../src/backplane/redis/redis-client-directory.js';
import { RedisConnection } from '../../src/backplane/redis/redis-connection.js';
import { RedisEventCursors } from '../../src/backplane/redis/redis-event-cursors.js';
import { RedisEventJournal } from '../../src/backplane/redis/redis-event-journal.js';
import { RedisMessageBus } from '../../src/backplane/redis/redis-message-bus.js';
import { RedisOfflineQueue } from '../../src/backplane/redis/redis-offline-queue.js';
import { RedisRoomStore } from '../../src/backplane/redis/redis-room-store.js';
import { RoomOperations } from '../../src/backplane/redis/room-operations.js';
import { RoomRestorer } from '../../src/backplane/redis/room-restorer.js';
import { encodeMessage, joinMessages } from '../../src/common/message-codec.js';
import { NodeIdentity } from '../../src/common/node-identity.js';
import { Config } from '../../src/config/config.js';
import { Log } from '../../src/logging/log.js';
import { describeContracts } from '../../src/testing/contract/contracts.js';
import type { NodePorts } from '../../src/testing/contract/suite.js';
import type { SharedRedis } from '../support/redis-server.js';
import { REDIS_KINDS, startRedis } from '../support/shared-redis.js';

/** The ports of one node on Redis. */
class Node implements NodePorts {
  readonly connection: RedisConnection;
  readonly keys: Keys;
  readonly directory: RedisClientDirectory;
  readonly rooms: RedisRoomStore;
  readonly queue: RedisOfflineQueue;
  readonly bus: RedisMessageBus;
  readonly journal: RedisEventJournal;
  readonly cursors: RedisEventCursors;
  readonly backplane: RedisBackplane;
  private stopped?: Promise<void>;

  constructor(name: string, config: Config) {
    const identity = new NodeIdentity(name);
    const keys = (this.keys = new Keys(config));
    this.connection = new RedisConnection(config);
    const inboxes = new Inboxes(this.connection, keys, identity);
    this.directory = new RedisClientDirectory(this.connection, keys);
    const operations = new RoomOperations(this.connection, keys, identity, config, inboxes);
    const restorer = new RoomRestorer(this.connection, keys, config, operations);
    this.rooms = new RedisRoomStore(this.connection, keys, operations, restorer);
    this.queue = new RedisOfflineQueue(this.connection, keys, config, config);
    this.bus = new RedisMessageBus(this.connection, keys, inboxes);
    const log = Log.create(config);
    const registry = new NodeRegistry(this.connection, keys, identity, config);
    this.journal = new RedisEventJournal(this.connection, keys, identity, log);
    this.cursors = new RedisEventCursors(this.connection, keys);
    const { directory: clients, rooms, queue, bus, journal } = this;
    const remover = new NodeRemover(registry, { clients, rooms, queue, bus, journal }, log);
    this.backplane = new RedisBackplane(this.connection, config, log, inboxes, registry, remover);
  }

  async open(): Promise<this> {
    await this.backplane.onApplicationBootstrap();
    return this;
  }

  stop(): Promise<void> {
    return (this.stopped ??= this.backplane.onApplicationShutdown());
  }
}

describe.each(REDIS_KINDS)('%s', (kind) => {
  let redis: SharedRedis;

  beforeAll(async () => {
    redis = await startRedis(kind);
  });

  afterAll(() => redis.kill());

  it('skips a message that cannot be decoded, and delivers the rest of its batch', async () => {
    const config = Object.assign(new Config(), { redis: redis.url, redisPrefix: randomUUID(), logLevel: 'silent' });
    const node = await new Node('a', config).open();
    try {
      const calls: number[] = [];
      const errors: unknown[] = [];
      node.bus.onError((error) => errors.push(error));
      const last = new Promise<void>((resolve) => {
        node.bus.onMessage('reply', ({ call }) => {
          calls.push(call);
          if (call === 2) resolve();
        });
      });
      const [one, two] = [1, 2].map((call) => encodeMessage({ version: 1, type: 'reply', call, result: null }));
      const batch = joinMessages([one, Buffer.from('no message'), two]);
      await node.connection.ask((client) => client.xadd(node.keys.inbox('a').messages, '*', 'm', batch));
      await last;
      expect(calls).toEqual([1, 2]);
      expect(errors).toHaveLength(1);
    } finally {
      await node.stop();
    }
  });

  describeContracts({ describe, it }, async (config) => {
    const own = Object.assign(config, { redis: redis.url, redisPrefix: randomUUID(), logLevel: 'silent' });
    const [a, b] = await Promise.all(['a', 'b'].map((name) => new Node(name, own).open()));
    return {
      a,
      b,
      async close() {
        await Promise.all([a.stop(), b.stop()]);
        // Every other key belongs to a node, so that none is left. Readers go on when the nodes are back.
        expect((await redis.keys()).filter((key) => !key.includes(':{readers}:'))).toEqual([]);
      },
    };
  });
});
