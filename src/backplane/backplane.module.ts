import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type Abstract, type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { ClientDirectory } from '../clients/client-directory.js';
import { Backplane } from '../common/backplane.js';
import { MessageBus } from '../common/message-bus.js';
import { NodeCalls } from '../common/node-calls.js';
import { NodeIdentity } from '../common/node-identity.js';
import { ServerEvents } from '../common/server-events.js';
import type { ClusterOptions } from '../config/sections/cluster.options.js';
import { ServerOptions } from '../config/sections/server.options.js';
import { Counters } from '../counters/counters.js';
import { CountersModule } from '../counters/counters.module.js';
import { Log } from '../logging/log.js';
import { LoggingModule } from '../logging/logging.module.js';
import { RoomStore } from '../rooms/room-store.js';
import { OfflineQueue } from '../signaling/offline-queue.js';
import { measured } from './measured.js';
import { MemoryBackplane } from './memory/memory-backplane.js';
import { MemoryClientDirectory } from './memory/memory-client-directory.js';
import { MemoryHub, MemoryMessageBus } from './memory/memory-message-bus.js';
import { MemoryOfflineQueue } from './memory/memory-offline-queue.js';
import { MemoryRoomStore } from './memory/memory-room-store.js';
import { Inboxes } from './redis/inboxes.js';
import { Keys } from './redis/keys.js';
import { NodeRegistry } from './redis/node-registry.js';
import { NodeRemover } from './redis/node-remover.js';
import { RedisBackplane } from './redis/redis-backplane.js';
import { RedisClientDirectory } from './redis/redis-client-directory.js';
import { RedisConnection } from './redis/redis-connection.js';
import { RedisMessageBus } from './redis/redis-message-bus.js';
import { RedisOfflineQueue } from './redis/redis-offline-queue.js';
import { RedisRoomStore } from './redis/redis-room-store.js';
import { RoomOperations } from './redis/room-operations.js';
import { RoomRestorer } from './redis/room-restorer.js';

const PORTS = [Backplane, ClientDirectory, RoomStore, OfflineQueue, MessageBus];

const MEMORY: readonly Provider[] = [
  MemoryHub,
  MemoryBackplane,
  { provide: Backplane, useExisting: MemoryBackplane },
  ...measuredPort(ClientDirectory, 'clients', MemoryClientDirectory),
  ...measuredPort(RoomStore, 'rooms', MemoryRoomStore),
  ...measuredPort(OfflineQueue, 'queue', MemoryOfflineQueue),
  { provide: MessageBus, useClass: MemoryMessageBus },
];

const REDIS: readonly Provider[] = [
  RedisConnection,
  Keys,
  Inboxes,
  RoomOperations,
  RoomRestorer,
  NodeRegistry,
  NodeRemover,
  RedisBackplane,
  { provide: Backplane, useExisting: RedisBackplane },
  ...measuredPort(ClientDirectory, 'clients', RedisClientDirectory),
  ...measuredPort(RoomStore, 'rooms', RedisRoomStore),
  ...measuredPort(OfflineQueue, 'queue', RedisOfflineQueue),
  ...measuredPort(MessageBus, 'bus', RedisMessageBus),
];

function measuredPort<T extends object>(provide: Abstract<T>, name: string, implementation: Type<T>): Provider[] {
  return [
    implementation,
    {
      provide,
      inject: [implementation, Counters],
      useFactory: (port: T, counters: Counters) => measured(port, name, counters),
    },
  ];
}

/** Provides the ports of the core everywhere. This is the only place that chooses between their implementations. */
@Module({})
export class BackplaneModule {
  constructor(bus: MessageBus, log: Log) {
    bus.onError((error) => log.pino.error({ err: error }, 'a message of another node could not be handled'));
  }

  static forRoot({ redis }: ClusterOptions): DynamicModule {
    return {
      module: BackplaneModule,
      global: true,
      imports: [CountersModule, LoggingModule],
      providers: [
        {
          provide: NodeIdentity,
          inject: [ServerOptions],
          useFactory: ({ nodeName }: ServerOptions) =>
            new NodeIdentity(nodeName || `${hostname()}-${randomUUID().slice(0, 8)}`),
        },
        NodeCalls,
        {
          provide: ServerEvents,
          inject: [Log],
          useFactory: ({ pino }: Log) =>
            new ServerEvents((event, err) => pino.error({ err, event }, 'a listener of an event has failed')),
        },
        ...(redis === '' ? MEMORY : REDIS),
      ],
      exports: [NodeIdentity, NodeCalls, ServerEvents, ...PORTS],
    };
  }
}
