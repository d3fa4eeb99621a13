import type { Abstract, InjectionToken } from '@nestjs/common';
import { BlockStore } from '../blocks/block-store.js';
import { ClientDirectory } from '../clients/client-directory.js';
import { Backplane } from '../common/backplane.js';
import { MessageBus } from '../common/message-bus.js';
import type { NodeIdentity } from '../common/node-identity.js';
import type { ClusterOptions } from '../config/sections/cluster.options.js';
import type { LimitOptions } from '../config/sections/limit.options.js';
import type { QueueOptions } from '../config/sections/queue.options.js';
import { EventCursors } from '../events/event-cursors.js';
import { EventJournal } from '../events/event-journal.js';
import type { Log } from '../logging/log.js';
import { RoomStore } from '../rooms/room-store.js';
import { OfflineQueue } from '../signaling/offline-queue.js';

/** The ports without which nodes do not form a cluster. */
export const REQUIRED_PORTS = [Backplane, ClientDirectory, RoomStore, OfflineQueue, MessageBus] as const;

/** The ports, in the order of `Ports`. */
export const PORTS = [...REQUIRED_PORTS, EventJournal, EventCursors, BlockStore] as const;

/** An implementation of all ports. */
export interface Ports {
  readonly backplane: Backplane;
  readonly clients: ClientDirectory;
  readonly rooms: RoomStore;
  readonly queue: OfflineQueue;
  readonly bus: MessageBus;
  readonly journal: EventJournal;
  readonly cursors: EventCursors;
  readonly blocks: BlockStore;
}

/** What the built-in implementations are made from. */
export interface PortContext {
  readonly cluster: ClusterOptions;
  readonly queue: QueueOptions;
  readonly limits: LimitOptions;
  readonly node: NodeIdentity;
  readonly log: Log;
}

/** The token of a port's implementation. The port itself is the token of the implementation with its measurements. */
export function bare(port: Abstract<unknown>): InjectionToken {
  return `${port.name} without measurements`;
}
