import { MemoryBackplane } from '../../src/backplane/memory/memory-backplane.js';
import { MemoryClientDirectory } from '../../src/backplane/memory/memory-client-directory.js';
import { MemoryEventCursors } from '../../src/backplane/memory/memory-event-cursors.js';
import { MemoryEventJournal } from '../../src/backplane/memory/memory-event-journal.js';
import { MemoryHub, MemoryMessageBus } from '../../src/backplane/memory/memory-message-bus.js';
import { MemoryOfflineQueue } from '../../src/backplane/memory/memory-offline-queue.js';
import { MemoryRoomStore } from '../../src/backplane/memory/memory-room-store.js';
import { NodeIdentity } from '../../src/common/node-identity.js';
import { describeContracts } from '../../src/testing/contract/contracts.js';
import type { NodePorts } from '../../src/testing/contract/suite.js';

describe('in memory', () => {
  describeContracts({ describe, it }, (config) => {
    const hub = new MemoryHub();
    const directory = new MemoryClientDirectory();
    const rooms = new MemoryRoomStore();
    const queue = new MemoryOfflineQueue(config, config);
    const journal = new MemoryEventJournal();
    const cursors = new MemoryEventCursors();
    const node = (name: string): NodePorts => ({
      backplane: new MemoryBackplane(),
      directory,
      rooms,
      queue,
      bus: new MemoryMessageBus(hub, new NodeIdentity(name)),
      journal,
      cursors,
      // A server in memory is alone, so only this test has a node that outlives another.
      async stop() {
        hub.nodes.delete(name);
        await rooms.restore(name, () => false);
        await directory.restore(name, [], () => false);
      },
    });
    return Promise.resolve({ a: node('a'), b: node('b'), close: () => Promise.resolve() });
  });
});
