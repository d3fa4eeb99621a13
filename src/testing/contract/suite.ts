import type { ClientDirectory } from '../../clients/client-directory.js';
import type { Backplane } from '../../common/backplane.js';
import type { MessageBus } from '../../common/message-bus.js';
import { Config } from '../../config/config.js';
import type { EventCursors } from '../../events/event-cursors.js';
import type { EventJournal } from '../../events/event-journal.js';
import type { RoomStore } from '../../rooms/room-store.js';
import type { OfflineQueue } from '../../signaling/offline-queue.js';

/** `describe` and `it` of a test runner: those of node:test, Jest, Vitest or Mocha. */
export interface TestRunner {
  readonly describe: (title: string, declare: () => void) => unknown;
  readonly it: (title: string, test: () => Promise<void>) => unknown;
}

/** The ports of one node. */
export interface NodePorts {
  readonly backplane: Backplane;
  readonly directory: ClientDirectory;
  readonly rooms: RoomStore;
  readonly queue: OfflineQueue;
  readonly bus: MessageBus;
  readonly journal: EventJournal;
  readonly cursors: EventCursors;
  /** Stops this node as its shutdown does, and leaves the other one running. */
  stop(): Promise<void>;
}

/** Two nodes, named `a` and `b`, that share their state. */
export interface TwoNodes {
  readonly a: NodePorts;
  readonly b: NodePorts;
  /** Stops the nodes that are still running, and removes their state. */
  close(): Promise<void>;
}

/** Starts two nodes with these options, ready for clients and without state from before. */
export type OpenNodes = (config: Config) => Promise<TwoNodes>;

/** Declares one test, which gets two nodes of its own with these options. */
export type DeclareTest = (title: string, test: (nodes: TwoNodes) => Promise<void>, options?: Partial<Config>) => void;

/** Declares tests within a `describe`. The nodes of a test are closed after it, whatever its outcome. */
export function describeSuite(
  { describe, it }: TestRunner,
  title: string,
  open: OpenNodes,
  declare: (declareTest: DeclareTest) => void,
): void {
  describe(title, () => {
    declare((name, test, options = {}) => {
      it(name, async () => {
        const nodes = await open(Object.assign(new Config(), options));
        try {
          await test(nodes);
        } finally {
          await nodes.close();
        }
      });
    });
  });
}
