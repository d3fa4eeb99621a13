import type { PortContext, Ports } from '../ports.js';
import { MemoryBackplane } from './memory-backplane.js';
import { MemoryBlockStore } from './memory-block-store.js';
import { MemoryClientDirectory } from './memory-client-directory.js';
import { MemoryEventCursors } from './memory-event-cursors.js';
import { MemoryEventJournal } from './memory-event-journal.js';
import { MemoryHub, MemoryMessageBus } from './memory-message-bus.js';
import { MemoryOfflineQueue } from './memory-offline-queue.js';
import { MemoryRoomStore } from './memory-room-store.js';

/** Creates the ports of a single node. */
export function createMemoryPorts({ queue, limits, node }: PortContext): Ports {
  return {
    backplane: new MemoryBackplane(),
    clients: new MemoryClientDirectory(),
    rooms: new MemoryRoomStore(),
    queue: new MemoryOfflineQueue(queue, limits),
    bus: new MemoryMessageBus(new MemoryHub(), node),
    journal: new MemoryEventJournal(),
    cursors: new MemoryEventCursors(),
    blocks: new MemoryBlockStore(),
  };
}
