import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type Abstract, type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { BlockStore } from '../blocks/block-store.js';
import { ClientDirectory } from '../clients/client-directory.js';
import { Backplane } from '../common/backplane.js';
import { MessageBus } from '../common/message-bus.js';
import { NodeCalls } from '../common/node-calls.js';
import { NodeIdentity } from '../common/node-identity.js';
import { loadOptional } from '../common/optional-packages.js';
import { ClusterOptions } from '../config/sections/cluster.options.js';
import { LimitOptions } from '../config/sections/limit.options.js';
import { QueueOptions } from '../config/sections/queue.options.js';
import { ServerOptions } from '../config/sections/server.options.js';
import { Counters } from '../counters/counters.js';
import { CountersModule } from '../counters/counters.module.js';
import { EventCursors } from '../events/event-cursors.js';
import { EventJournal } from '../events/event-journal.js';
import { Log } from '../logging/log.js';
import { LoggingModule } from '../logging/logging.module.js';
import { RoomStore } from '../rooms/room-store.js';
import { OfflineQueue } from '../signaling/offline-queue.js';
import { Tracing } from '../tracing/tracing.js';
import { TracingModule } from '../tracing/tracing.module.js';
import { GivenPortsModule } from './given-ports.module.js';
import { measured } from './measured.js';
import { MemoryBlockStore } from './memory/memory-block-store.js';
import { MemoryEventCursors } from './memory/memory-event-cursors.js';
import { MemoryEventJournal } from './memory/memory-event-journal.js';
import { MemoryMessageBus } from './memory/memory-message-bus.js';
import { createMemoryPorts } from './memory/memory-ports.js';
import { bare, PORTS, type Ports } from './ports.js';

/** Token of the built-in implementation of all ports. */
const BUILT_IN = 'built-in ports';

const BUILT_IN_PORTS: readonly Provider[] = [
  {
    provide: BUILT_IN,
    inject: [ClusterOptions, QueueOptions, LimitOptions, NodeIdentity, Log],
    useFactory: async (
      cluster: ClusterOptions,
      queue: QueueOptions,
      limits: LimitOptions,
      node: NodeIdentity,
      log: Log,
    ): Promise<Ports> => {
      const context = { cluster, queue, limits, node, log };
      if (cluster.redis === '') return createMemoryPorts(context);
      // Loads ioredis.
      const { createRedisPorts } = await loadOptional(
        'The option redis',
        'leave the option empty',
        () => import('./redis/redis-ports.js'),
      );
      return createRedisPorts(context);
    },
  },
  builtIn(Backplane, ({ backplane }) => backplane),
  builtIn(ClientDirectory, ({ clients }) => clients),
  builtIn(RoomStore, ({ rooms }) => rooms),
  builtIn(OfflineQueue, ({ queue }) => queue),
  builtIn(MessageBus, ({ bus }) => bus),
  builtIn(EventJournal, ({ journal }) => journal),
  builtIn(EventCursors, ({ cursors }) => cursors),
  builtIn(BlockStore, ({ blocks }) => blocks),
];

function builtIn<T>(port: Abstract<T>, choose: (ports: Ports) => T): Provider {
  return { provide: bare(port), inject: [BUILT_IN], useFactory: choose };
}

/** @param Unmeasured an implementation that does nothing worth measuring */
function measuredPort<T extends object>(port: Abstract<T>, name: string, Unmeasured?: Type<T>): Provider {
  return {
    provide: port,
    inject: [bare(port), Counters, Tracing],
    useFactory: (implementation: T, counters: Counters, tracing: Tracing) =>
      Unmeasured && implementation instanceof Unmeasured
        ? implementation
        : measured(implementation, name, counters, tracing),
  };
}

/** What a node has beside its ports. */
const NODE_PROVIDERS: readonly Provider[] = [
  {
    provide: NodeIdentity,
    inject: [ServerOptions],
    useFactory: ({ nodeName }: ServerOptions) =>
      new NodeIdentity(nodeName || `${hostname()}-${randomUUID().slice(0, 8)}`),
  },
  NodeCalls,
];

/** Provides the ports of the core everywhere. This is the only place that chooses between their implementations. */
@Module({})
export class BackplaneModule {
  constructor(bus: MessageBus, journal: EventJournal, counters: Counters, log: Log) {
    counters.droppedEvents = () => journal.dropped;
    bus.onError((error) => log.logger.error({ err: error }, 'a message of another node could not be handled'));
  }

  /** @param given a module that exports the ports; without it they are over Redis if configured, or else in memory */
  static forRoot(given?: Type | DynamicModule): DynamicModule {
    return {
      module: BackplaneModule,
      global: true,
      imports: [CountersModule, LoggingModule, TracingModule, ...(given ? [GivenPortsModule.of(given)] : [])],
      providers: [
        ...NODE_PROVIDERS,
        ...(given ? [] : BUILT_IN_PORTS),
        { provide: Backplane, useExisting: bare(Backplane) },
        measuredPort(ClientDirectory, 'clients'),
        measuredPort(RoomStore, 'rooms'),
        measuredPort(OfflineQueue, 'queue'),
        measuredPort(MessageBus, 'bus', MemoryMessageBus),
        measuredPort(EventJournal, 'events', MemoryEventJournal),
        measuredPort(EventCursors, 'readers', MemoryEventCursors),
        measuredPort(BlockStore, 'blocks', MemoryBlockStore),
      ],
      exports: [NodeIdentity, NodeCalls, ...PORTS],
    };
  }
}
