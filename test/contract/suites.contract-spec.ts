import { AssertionError } from 'node:assert';
import { MemoryBackplane } from '../../src/backplane/memory/memory-backplane.js';
import { MemoryClientDirectory } from '../../src/backplane/memory/memory-client-directory.js';
import { MemoryEventCursors } from '../../src/backplane/memory/memory-event-cursors.js';
import { MemoryEventJournal } from '../../src/backplane/memory/memory-event-journal.js';
import { MemoryHub, MemoryMessageBus } from '../../src/backplane/memory/memory-message-bus.js';
import { MemoryOfflineQueue } from '../../src/backplane/memory/memory-offline-queue.js';
import { MemoryRoomStore } from '../../src/backplane/memory/memory-room-store.js';
import type { ClientDirectory } from '../../src/clients/client-directory.js';
import { DomainError } from '../../src/common/domain-error.js';
import type { BusMessage } from '../../src/common/message-bus.js';
import { NodeIdentity } from '../../src/common/node-identity.js';
import type { Room, RoomListener } from '../../src/common/room.js';
import { describeContracts } from '../../src/testing/contract/contracts.js';
import type { NodePorts, OpenNodes } from '../../src/testing/contract/suite.js';

interface Declared {
  readonly title: string;
  readonly test: () => Promise<void>;
}

/** Returns the tests that the suites declare for one backplane, each with the title of its suite. */
function declared(open: OpenNodes): Declared[] {
  const tests: Declared[] = [];
  let suite = '';
  const runner = {
    describe(title: string, declare: () => void) {
      suite = title;
      declare();
    },
    it: (title: string, test: () => Promise<void>) => tests.push({ title: `${suite}: ${title}`, test }),
  };
  describeContracts(runner, open);
  return tests;
}

/** The ports of memory, with those of a faulty implementation in place of some. */
function faulty(
  ports: () => Partial<Omit<NodePorts, 'bus'>> = () => ({}),
  Bus: typeof MemoryMessageBus = MemoryMessageBus,
): OpenNodes {
  return (config) => {
    const hub = new MemoryHub();
    const shared = {
      backplane: new MemoryBackplane(),
      directory: new MemoryClientDirectory(),
      rooms: new MemoryRoomStore(),
      queue: new MemoryOfflineQueue(config, config),
      journal: new MemoryEventJournal(),
      cursors: new MemoryEventCursors(),
      stop: () => Promise.resolve(),
      ...ports(),
    };
    const node = (name: string): NodePorts => ({ ...shared, bus: new Bus(hub, new NodeIdentity(name)) });
    return Promise.resolve({ a: node('a'), b: node('b'), close: () => Promise.resolve() });
  };
}

class Tokenless extends MemoryClientDirectory {
  /** Takes every token for the owner's. */
  override claim(...[entry]: Parameters<MemoryClientDirectory['claim']>) {
    return super.claim(entry, 'any');
  }
}

class Racing extends MemoryClientDirectory {
  /** Looks and claims in two steps, between which another node can step. */
  override async claim(
    ...[entry, token]: Parameters<MemoryClientDirectory['claim']>
  ): ReturnType<ClientDirectory['claim']> {
    const wasFree = (await this.find(entry.realm, entry.id)) === undefined;
    const claim = await super.claim(entry, token);
    return wasFree ? { outcome: 'claimed' } : claim;
  }
}

class Late extends MemoryRoomStore {
  override listen(node: string, listener: RoomListener): void {
    super.listen(node, (changes) => void setTimeout(() => listener(changes), 5));
  }
}

class Unbounded extends MemoryRoomStore {
  override join(...[realm, id, member, bounds]: Parameters<MemoryRoomStore['join']>) {
    return super.join(realm, id, member, { ...bounds, maxMembers: 1000 });
  }
}

class Stepwise extends MemoryRoomStore {
  /** Looks and creates in two steps, between which another node can create the room. */
  override async create(...[room, ...rest]: Parameters<MemoryRoomStore['create']>): Promise<Room> {
    if (await this.find(room.realm, room.id)) throw new DomainError('ROOM_EXISTS', { room: room.id });
    const other = (): Promise<Room> => this.find(room.realm, room.id) as Promise<Room>;
    return super.create(room, ...rest).catch(other);
  }

  /** Counts and joins in two steps, between which another client can join. */
  override async join(...[realm, id, member, { maxMembers: limit }]: Parameters<MemoryRoomStore['join']>) {
    const room = await this.find(realm, id);
    if (room && room.members.length >= limit) {
      throw new DomainError('LIMIT_REACHED', { what: 'members of a room', limit });
    }
    return super.join(realm, id, member, { maxRooms: 1000, maxMembers: 1000 });
  }
}

class Unavailable extends MemoryBackplane {
  override readonly isAvailable = false as unknown as true;
}

class Hasty extends MemoryEventCursors {
  private readonly owners = new Map<string, string>();

  /** Looks and claims in two steps, between which another node can step. */
  override async claim(...[reader, owner]: Parameters<MemoryEventCursors['claim']>) {
    const former = this.owners.get(reader);
    await Promise.resolve();
    if (former !== undefined) return undefined;
    this.owners.set(reader, owner);
    return { state: undefined };
  }
}

class Unguarded extends MemoryEventCursors {
  /** Saves for every owner. */
  override async save(...[reader, owner, ...rest]: Parameters<MemoryEventCursors['save']>) {
    await super.save(reader, owner, ...rest);
    return true;
  }
}

class Sharing extends MemoryMessageBus {
  private readonly nodesOfHub: MemoryHub['nodes'];

  constructor(hub: MemoryHub, node: NodeIdentity) {
    super(hub, node);
    this.nodesOfHub = hub.nodes;
  }

  /** Delivers the message itself, whose bytes the sender reuses. */
  override async send(node: string, message: BusMessage): Promise<boolean> {
    await Promise.resolve();
    this.nodesOfHub.get(node)?.(message);
    return this.nodesOfHub.has(node);
  }
}

class Silent extends MemoryMessageBus {
  override send(): Promise<boolean> {
    return Promise.reject(new DomainError('UNAVAILABLE', {}));
  }
}

describe('the contract suites', () => {
  it('declare tests of all ports, with titles that differ', () => {
    const titles = declared(faulty()).map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    const ports = new Set(titles.map((title) => /^\w+/.exec(title)?.[0]));
    expect([...ports].sort()).toEqual([
      'Backplane',
      'ClientDirectory',
      'EventCursors',
      'EventJournal',
      'MessageBus',
      'OfflineQueue',
      'RoomStore',
    ]);
  });

  it('close the nodes of a test, whatever its outcome', async () => {
    let closed = 0;
    const open: OpenNodes = async (config) => {
      const nodes = await faulty(undefined, Silent)(config);
      const close = (): Promise<void> => {
        closed++;
        return nodes.close();
      };
      return { ...nodes, close };
    };
    const tests = declared(open).filter(({ title }) => title.startsWith('MessageBus'));
    const outcomes = await Promise.allSettled([tests[0].test()]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected']);
    expect(closed).toBe(1);
  });

  it.each([
    [
      'a directory that compares no tokens',
      'ClientDirectory: claims: never transfers an id that was claimed without a token',
      faulty(() => ({ directory: new Tokenless() })),
    ],
    [
      'a directory that claims in two steps',
      'ClientDirectory: claims: grants an id to exactly one of ten concurrent claims',
      faulty(() => ({ directory: new Racing() })),
    ],
    [
      'a store that announces late',
      'RoomStore: changes announced to nodes: announces attributes in several rooms together',
      faulty(() => ({ rooms: new Late() })),
    ],
    [
      'a store without a bound',
      'RoomStore: bounds and concurrency: bounds the number of rooms and of members',
      faulty(() => ({ rooms: new Unbounded() })),
    ],
    [
      'a store that creates rooms in two steps',
      'RoomStore: bounds and concurrency: creates one of several rooms with the same id, and no more rooms than the bound, of concurrent calls',
      faulty(() => ({ rooms: new Stepwise() })),
    ],
    [
      'a store that joins in two steps',
      'RoomStore: bounds and concurrency: gives the last place of a room to one of several clients that join concurrently',
      faulty(() => ({ rooms: new Stepwise() })),
    ],
    [
      'cursors that claim in two steps',
      'EventCursors: gives a reader to one of several owners that claim it concurrently',
      faulty(() => ({ cursors: new Hasty() })),
    ],
    [
      'cursors that save for others than the owner',
      'EventCursors: gives a reader to one of several owners that claim it concurrently',
      faulty(() => ({ cursors: new Unguarded() })),
    ],
    [
      'a backplane that is never available',
      'Backplane: is available on running nodes',
      faulty(() => ({ backplane: new Unavailable() })),
    ],
    [
      'a bus that does not copy',
      'MessageBus: delivers payload and attachments of a signal byte for byte, even if they are reused meanwhile',
      faulty(undefined, Sharing),
    ],
    [
      'a stopped node that leaves its clients behind',
      'Backplane: releases the ids of a node that stops, and reserves those that it had generated',
      faulty(),
    ],
  ])('find the fault of %s', async (_, title, open) => {
    const test = declared(open).find((one) => one.title === title);
    await expect(test?.test()).rejects.toThrow(AssertionError);
  });
});
