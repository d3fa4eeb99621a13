import { MemoryClientDirectory } from '../../src/backplane/memory/memory-client-directory.js';
import { MemoryHub, MemoryMessageBus } from '../../src/backplane/memory/memory-message-bus.js';
import { MemoryOfflineQueue } from '../../src/backplane/memory/memory-offline-queue.js';
import { MemoryRoomStore } from '../../src/backplane/memory/memory-room-store.js';
import { NodeIdentity } from '../../src/common/node-identity.js';
import { describeContracts } from './contracts.js';

describeContracts('memory', (config) => {
  const hub = new MemoryHub();
  const rooms = new MemoryRoomStore();
  return Promise.resolve({
    directory: new MemoryClientDirectory(),
    rooms,
    roomsOfB: rooms,
    queue: new MemoryOfflineQueue(config, config),
    busOfA: new MemoryMessageBus(hub, new NodeIdentity('a')),
    busOfB: new MemoryMessageBus(hub, new NodeIdentity('b')),
    close: () => Promise.resolve(),
  });
});
