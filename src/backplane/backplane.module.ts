import { hostname } from 'node:os';
import { Module } from '@nestjs/common';
import { ClientDirectory } from '../clients/client-directory.js';
import { shortUuid } from '../common/ids.js';
import { MessageBus } from '../common/message-bus.js';
import { NodeIdentity } from '../common/node-identity.js';
import { Config } from '../config/config.js';
import { RoomStore } from '../rooms/room-store.js';
import { OfflineQueue } from '../signaling/offline-queue.js';
import { MemoryClientDirectory } from './memory/memory-client-directory.js';
import { MemoryHub, MemoryMessageBus } from './memory/memory-message-bus.js';
import { MemoryOfflineQueue } from './memory/memory-offline-queue.js';
import { MemoryRoomStore } from './memory/memory-room-store.js';

const PORTS = [ClientDirectory, RoomStore, OfflineQueue, MessageBus];

/** What lies below the core: the only place that decides what implements its ports. */
@Module({
  providers: [
    {
      provide: NodeIdentity,
      inject: [Config],
      useFactory: ({ nodeName }: Config) => new NodeIdentity(nodeName || `${hostname()}-${shortUuid().slice(0, 6)}`),
    },
    MemoryHub,
    { provide: ClientDirectory, useClass: MemoryClientDirectory },
    { provide: RoomStore, useClass: MemoryRoomStore },
    { provide: OfflineQueue, useClass: MemoryOfflineQueue },
    { provide: MessageBus, useClass: MemoryMessageBus },
  ],
  exports: [NodeIdentity, ...PORTS],
})
export class BackplaneModule {}
