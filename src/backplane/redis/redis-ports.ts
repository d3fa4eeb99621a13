import type { PortContext, Ports } from '../ports.js';
import { Inboxes } from './inboxes.js';
import { Keys } from './keys.js';
import { NodeRegistry } from './node-registry.js';
import { NodeRemover } from './node-remover.js';
import { RedisBackplane } from './redis-backplane.js';
import { RedisBlockStore } from './redis-block-store.js';
import { RedisClientDirectory } from './redis-client-directory.js';
import { RedisConnection } from './redis-connection.js';
import { RedisEventCursors } from './redis-event-cursors.js';
import { RedisEventJournal } from './redis-event-journal.js';
import { RedisMessageBus } from './redis-message-bus.js';
import { RedisOfflineQueue } from './redis-offline-queue.js';
import { RedisRoomStore } from './redis-room-store.js';
import { RoomOperations } from './room-operations.js';
import { RoomRestorer } from './room-restorer.js';

/** Creates the ports of a node that shares a Redis with others. They begin to connect at once. */
export function createRedisPorts({ cluster, queue: queueOptions, limits, node, log }: PortContext): Ports {
  const redis = new RedisConnection(cluster);
  const keys = new Keys(cluster);
  const inboxes = new Inboxes(redis, keys, node);
  const operations = new RoomOperations(redis, keys, node, cluster, inboxes);

  const clients = new RedisClientDirectory(redis, keys);
  const rooms = new RedisRoomStore(redis, keys, operations, new RoomRestorer(redis, keys, cluster, operations));
  const queue = new RedisOfflineQueue(redis, keys, queueOptions, limits);
  const bus = new RedisMessageBus(redis, keys, inboxes);

  const registry = new NodeRegistry(redis, keys, node, cluster);
  const journal = new RedisEventJournal(redis, keys, node, log);
  const remover = new NodeRemover(registry, { clients, rooms, queue, bus, journal }, log);
  const backplane = new RedisBackplane(redis, cluster, log, inboxes, registry, remover);
  const cursors = new RedisEventCursors(redis, keys);
  const blocks = new RedisBlockStore(redis, keys);
  return { backplane, clients, rooms, queue, bus, journal, cursors, blocks };
}
