import { hostname } from 'node:os';
import { Module, type Abstract, type FactoryProvider, type Type } from '@nestjs/common';
import { ClientDirectory } from '../clients/client-directory.js';
import { Backplane } from '../common/backplane.js';
import { shortUuid } from '../common/ids.js';
import { MessageBus } from '../common/message-bus.js';
import { NodeCalls } from '../common/node-calls.js';
import { NodeIdentity } from '../common/node-identity.js';
import { ServerEvents } from '../common/server-events.js';
import { Config } from '../config/config.js';
import { Counters } from '../metrics/counters.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { RoomStore } from '../rooms/room-store.js';
import { OfflineQueue } from '../signaling/offline-queue.js';
import { measured } from './measured.js';
import { MemoryBackplane } from './memory/memory-backplane.js';
import { MemoryClientDirectory } from './memory/memory-client-directory.js';
import { MemoryHub, MemoryMessageBus } from './memory/memory-message-bus.js';
import { MemoryOfflineQueue } from './memory/memory-offline-queue.js';
import { MemoryRoomStore } from './memory/memory-room-store.js';

const PORTS = [ClientDirectory, RoomStore, OfflineQueue, MessageBus];

function measuredPort<T extends object>(
  provide: Abstract<T>,
  name: string,
  implementation: Type<T>,
): FactoryProvider<T> {
  return {
    provide,
    inject: [implementation, Counters],
    useFactory: (port: T, counters: Counters) => measured(port, name, counters),
  };
}

/** What lies below the core: the only place that decides what implements its ports. */
@Module({
  imports: [MetricsModule],
  providers: [
    {
      provide: NodeIdentity,
      inject: [Config],
      useFactory: ({ nodeName }: Config) => new NodeIdentity(nodeName || `${hostname()}-${shortUuid().slice(0, 6)}`),
    },
    MemoryHub,
    NodeCalls,
    ServerEvents,
    MemoryClientDirectory,
    MemoryRoomStore,
    MemoryOfflineQueue,
    measuredPort(ClientDirectory, 'clients', MemoryClientDirectory),
    measuredPort(RoomStore, 'rooms', MemoryRoomStore),
    measuredPort(OfflineQueue, 'queue', MemoryOfflineQueue),
    { provide: MessageBus, useClass: MemoryMessageBus },
    { provide: Backplane, useClass: MemoryBackplane },
  ],
  exports: [Backplane, NodeIdentity, NodeCalls, ServerEvents, ...PORTS],
})
export class BackplaneModule {}
