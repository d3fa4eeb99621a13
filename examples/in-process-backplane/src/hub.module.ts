import { type DynamicModule, type FactoryProvider, Module } from '@nestjs/common';
import {
  Backplane,
  ClientDirectory,
  Config,
  EventCursors,
  EventJournal,
  MessageBus,
  NodeIdentity,
  OfflineQueue,
  RoomStore,
} from 'signalbox/backplane';
import type { Hub } from './hub.js';
import { HubNode } from './hub-node.js';

/** Connects a server to a hub: `SignalboxModule.forRoot({ backplane: HubModule.of(hub) })`. */
@Module({})
export class HubModule {
  static of(hub: Hub): DynamicModule {
    const node: FactoryProvider<HubNode> = {
      provide: HubNode,
      inject: [NodeIdentity, Config],
      useFactory: ({ name }: NodeIdentity, config: Config) => new HubNode(hub, name, config),
    };
    return {
      module: HubModule,
      providers: [
        node,
        { provide: Backplane, inject: [HubNode], useFactory: ({ backplane }: HubNode) => backplane },
        { provide: ClientDirectory, inject: [HubNode], useFactory: ({ directory }: HubNode) => directory },
        { provide: RoomStore, inject: [HubNode], useFactory: ({ rooms }: HubNode) => rooms },
        { provide: OfflineQueue, inject: [HubNode], useFactory: ({ queue }: HubNode) => queue },
        { provide: EventJournal, inject: [HubNode], useFactory: ({ journal }: HubNode) => journal },
        { provide: EventCursors, inject: [HubNode], useFactory: ({ cursors }: HubNode) => cursors },
        { provide: MessageBus, inject: [HubNode], useFactory: ({ bus }: HubNode) => bus },
      ],
      exports: [Backplane, ClientDirectory, RoomStore, OfflineQueue, MessageBus, EventJournal, EventCursors],
    };
  }
}
