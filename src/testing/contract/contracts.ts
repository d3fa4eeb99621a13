import { describeBackplane } from './backplane.contract.js';
import { describeClientDirectory } from './client-directory.contract.js';
import { describeEventCursors } from './event-cursors.contract.js';
import { describeEventJournal } from './event-journal.contract.js';
import { describeMessageBus } from './message-bus.contract.js';
import { describeOfflineQueue } from './offline-queue.contract.js';
import { describeRoomStore } from './room-store.contract.js';
import type { OpenNodes, TestRunner } from './suite.js';

/**
 * Declares the tests of all ports for one backplane. Tests take up to three seconds on a backplane that answers within
 * milliseconds, and up to ten if an announcement or a message does not arrive.
 * @param open called for each test, which closes the nodes
 */
export function describeContracts(runner: TestRunner, open: OpenNodes): void {
  describeBackplane(runner, open);
  describeClientDirectory(runner, open);
  describeRoomStore(runner, open);
  describeOfflineQueue(runner, open);
  describeMessageBus(runner, open);
  describeEventJournal(runner, open);
  describeEventCursors(runner, open);
}
