import type { ClientDirectory, ClientEntry } from '../../src/clients/client-directory.js';
import type { BusMessage, BusMessageOf, MessageBus } from '../../src/common/message-bus.js';
import type { Page } from '../../src/common/page.js';
import { RawJson } from '../../src/common/raw-json.js';
import type { RoomMember } from '../../src/common/room.js';
import type { Signal } from '../../src/common/signal.js';
import { Config } from '../../src/config/config.js';
import type { RoomStore } from '../../src/rooms/room-store.js';
import type { OfflineQueue } from '../../src/signaling/offline-queue.js';
import { describeChanges } from './changes.js';
import { describeEntering } from './entering.js';
import { describeQueueShares, describeRoomShares } from './shares.js';
import { NAMES, refused } from './support.js';

/** Implementations of the ports for two nodes, `a` and `b`, that share their state. */
export interface Backplane {
  readonly directory: ClientDirectory;
  readonly rooms: RoomStore;
  /** The store of node `b`; `rooms` is that of `a`. */
  readonly roomsOfB: RoomStore;
  readonly queue: OfflineQueue;
  readonly busOfA: MessageBus;
  readonly busOfB: MessageBus;
  close(): Promise<void>;
}

/** Declares the tests of all contracts for one implementation of the ports. */
export function describeContracts(name: string, open: (config: Config) => Promise<Backplane>): void {
  describe(`${name}: contracts of the ports`, () => {
    let backplane: Backplane;
    const openWith = async (options: Partial<Config> = {}): Promise<Backplane> => {
      backplane = await open(Object.assign(new Config(), options));
      return backplane;
    };
    afterEach(() => backplane.close());

    describe('ClientDirectory', () => describeClientDirectory(async () => (await openWith()).directory));
    describe('RoomStore', () => describeRoomStore(async () => (await openWith()).rooms));
    describe('RoomStore: entering several rooms, attributes, groups', () => {
      describeEntering(async () => (await openWith()).rooms);
    });
    describe('RoomStore: changes announced to nodes', () => describeChanges(() => openWith()));
    describe('RoomStore: share of an address', () => describeRoomShares(() => openWith()));
    describe('OfflineQueue', () => describeOfflineQueue(async (options) => (await openWith(options)).queue));
    describe('OfflineQueue: shares', () => {
      describeQueueShares(async (options) => (await openWith(options)).queue);
    });
    describe('MessageBus', () => describeMessageBus(() => openWith()));
  });
}

/** Cursors that no list returns. */
const INVALID_CURSORS = ['nonsense', 'undefined', 'NaN', '-1', '1.5', '1 OR 1=1', '€'];

function describeClientDirectory(open: () => Promise<ClientDirectory>): void {
  const entry = (changes: Partial<ClientEntry> = {}): ClientEntry => ({
    realm: 'r',
    id: 'x',
    protocol: 'p',
    node: 'a',
    session: 1,
    address: '::1',
    since: 1,
    ...changes,
  });

  it('grants an id to the first claim, and to later ones with its token', async () => {
    const directory = await open();
    expect(await directory.claim(entry(), 't')).toEqual({ outcome: 'claimed' });
    expect(await directory.claim(entry({ node: 'b' }), 'other')).toEqual({ outcome: 'taken' });
    expect(await directory.claim(entry({ node: 'b' }))).toEqual({ outcome: 'taken' });
    expect(await directory.find('r', 'x')).toEqual(entry());
    const claim = await directory.claim(entry({ node: 'b', since: 2 }), 't');
    expect(claim).toEqual({ outcome: 'replaced', previous: entry() });
    expect(await directory.find('r', 'x')).toEqual(entry({ node: 'b', since: 2 }));
    expect(await directory.count()).toBe(1);
  });

  it('never transfers an id that was claimed without a token', async () => {
    const directory = await open();
    await directory.claim(entry());
    expect(await directory.claim(entry({ node: 'b' }))).toEqual({ outcome: 'taken' });
    expect(await directory.claim(entry({ node: 'b' }), '')).toEqual({ outcome: 'taken' });
  });

  it('grants an id to exactly one of ten concurrent claims', async () => {
    const directory = await open();
    for (let round = 0; round < 50; round++) {
      const claims = Array.from({ length: 10 }, (_, i) => directory.claim(entry({ id: `c${round}` }), `t${i}`));
      expect((await Promise.all(claims)).filter(({ outcome }) => outcome === 'claimed')).toHaveLength(1);
    }
  });

  it('releases an id only for its current session and node', async () => {
    const directory = await open();
    await directory.claim(entry(), 't');
    await directory.claim(entry({ node: 'b' }), 't');
    await directory.release('r', 'x', 'a', 1);
    expect((await directory.find('r', 'x'))?.node).toBe('b');
    await directory.claim(entry({ node: 'b', session: 2 }), 't');
    await directory.release('r', 'x', 'b', 1);
    expect((await directory.find('r', 'x'))?.session).toBe(2);
    await directory.release('r', 'x', 'b', 2);
    expect(await directory.find('r', 'x')).toBeUndefined();
    await directory.release('r', 'x', 'b', 2);
    expect(await directory.claim(entry(), 'new')).toEqual({ outcome: 'claimed' });
    expect(await directory.count()).toBe(1);
  });

  it('reserves a released id for its protocol if it was claimed without a token', async () => {
    const directory = await open();
    await directory.claim(entry({ protocol: 'p' }));
    expect(await directory.claim(entry({ protocol: 'q', node: 'b' }), 't')).toEqual({ outcome: 'taken' });
    await directory.release('r', 'x', 'a', 1);
    for (const token of ['t', undefined]) {
      expect(await directory.claim(entry({ protocol: 'q', node: 'b' }), token)).toEqual({ outcome: 'taken' });
    }
    expect(await directory.find('r', 'x')).toBeUndefined();
    expect(await directory.count()).toBe(0);
    expect(await directory.claim(entry({ protocol: 'q', realm: 'other' }), 't')).toEqual({ outcome: 'claimed' });
    expect(await directory.claim(entry({ protocol: 'q', id: 'y' }), 't')).toEqual({ outcome: 'claimed' });
    expect(await directory.claim(entry({ protocol: 'p', node: 'b', session: 2 }))).toEqual({ outcome: 'claimed' });
    await directory.release('r', 'x', 'b', 2);
    expect(await directory.claim(entry({ protocol: 'q' }), 't')).toEqual({ outcome: 'taken' });
  });

  it('grants a released id to any protocol if it was claimed with a token', async () => {
    const directory = await open();
    await directory.claim(entry({ protocol: 'p' }), 't');
    await directory.release('r', 'x', 'a', 1);
    expect(await directory.claim(entry({ protocol: 'q' }), 'u')).toEqual({ outcome: 'claimed' });
  });

  it('reserves ids for their protocol that a restore releases', async () => {
    const directory = await open();
    await directory.claim(entry({ id: 'gone' }));
    await directory.restore('a', [], () => false);
    const foreign = { entry: entry({ id: 'gone', protocol: 'q', node: 'b', session: 7 }), token: 't' };
    expect(await directory.claim(foreign.entry, 't')).toEqual({ outcome: 'taken' });
    expect(await directory.reclaim([foreign])).toEqual([foreign.entry]);
    expect(await directory.reclaim([{ entry: entry({ id: 'gone', session: 2 }) }])).toEqual([]);
    expect((await directory.find('r', 'gone'))?.session).toBe(2);
  });

  it('restores a node: releases ids that it no longer has, claims ids that were lost', async () => {
    const directory = await open();
    await directory.claim(entry({ id: 'gone', session: 1 }));
    await directory.claim(entry({ id: 'kept', session: 2 }), 't');
    await directory.claim(entry({ id: 'again', session: 3 }));
    await directory.claim(entry({ id: 'coming', session: 8 }));
    await directory.claim(entry({ id: 'theirs', node: 'b', session: 1 }), 't');
    const mine = [
      { entry: entry({ id: 'kept', session: 2 }), token: 't' },
      { entry: entry({ id: 'lost', session: 5 }), token: 't' },
      { entry: entry({ id: 'again', session: 4 }) },
      { entry: entry({ id: 'theirs', session: 6 }), token: 't' },
      { entry: entry({ id: 'left', session: 7 }) },
    ];
    const { lost, freed } = await directory.restore('a', mine, ({ session }) => [2, 4, 5, 6, 8].includes(session));
    expect(lost.map(({ id }) => id)).toEqual(['theirs']);
    expect(freed.map(({ id, session }) => [id, session]).sort()).toEqual([['again', 3], ['gone', 1]]); // prettier-ignore
    const found = await Promise.all(
      ['gone', 'kept', 'again', 'coming', 'theirs', 'lost', 'left'].map((id) => directory.find('r', id)),
    );
    expect(found.map((owner) => owner && [owner.node, owner.session])).toEqual([
      undefined,
      ['a', 2],
      ['a', 4],
      ['a', 8],
      ['b', 1],
      ['a', 5],
      undefined, // prettier-ignore
    ]);
    expect(await directory.claim(entry({ id: 'lost', node: 'b' }), 't')).toMatchObject({ outcome: 'replaced' });
    expect(await directory.count()).toBe(5);
  });

  it('accepts any string as id and realm', async () => {
    const directory = await open();
    for (const realm of NAMES)
      for (const id of NAMES) expect(await directory.claim(entry({ realm, id }))).toEqual({ outcome: 'claimed' });
    for (const realm of NAMES)
      for (const id of NAMES) expect(await directory.find(realm, id)).toEqual(entry({ realm, id }));
    expect(await directory.find('hasOwnProperty', 'x')).toBeUndefined();
    expect(await directory.count()).toBe(NAMES.length ** 2);
  });

  it('lists clients in pages, in the order of their claims', async () => {
    const directory = await open();
    const ids = Array.from({ length: 25 }, (_, i) => `c${24 - i}`);
    for (const id of ids) await directory.claim(entry({ id }));
    await directory.claim(entry({ realm: 'other', id: 'o' }));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await directory.list({ realm: 'r', limit: 10, cursor });
      expect(page.items.length).toBeLessThanOrEqual(10);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.cursor;
      // Clients that leave between two pages do not shift the next one.
      if (cursor !== undefined) await directory.release('r', page.items[0].id, 'a', 1);
    } while (cursor !== undefined);
    expect(seen).toEqual(ids);
    expect((await directory.list({ limit: 100 })).items).toHaveLength(24);
    await directory.claim(entry({ protocol: 'q', id: 'q' }));
    expect((await directory.list({ limit: 100, protocol: 'q' })).items.map(({ id }) => id)).toEqual(['q']);
  });

  it('continues behind an empty page where it began', async () => {
    const directory = await open();
    for (const id of ['a', 'b', 'c']) await directory.claim(entry({ id }));
    await continuesAfterEmptyPages((query) => directory.list(query));
  });

  it.each(INVALID_CURSORS)('rejects the cursor %j', async (cursor) => {
    const directory = await open();
    await directory.claim(entry());
    await refused(directory.list({ limit: 10, cursor }), 'INVALID_REQUEST', {});
  });

  it('keeps its own copy of an entry', async () => {
    const directory = await open();
    const mine = { ...entry() };
    await directory.claim(mine);
    mine.node = 'altered';
    expect((await directory.find('r', 'x'))?.node).toBe('a');
  });
}

function describeRoomStore(open: () => Promise<RoomStore>): void {
  const bounds = { maxRooms: 1000, maxMembers: 100 };
  const member = (id: string): RoomMember => ({ id, node: 'a', joinedAt: 7 });
  const idsOf = (room: { members: readonly RoomMember[] } | undefined): string[] | undefined =>
    room?.members.map(({ id }) => id);

  it('creates a room once, with its creator as a member', async () => {
    const rooms = await open();
    const room = await rooms.create({ realm: 'r', id: 'x', name: 'X' }, member('c'), bounds);
    expect(room).toMatchObject({ realm: 'r', id: 'x', name: 'X', creator: 'c', members: [member('c')] });
    expect(room.since).toBe(7);
    const permanent = await rooms.create({ realm: 'r', id: 'p', name: '' }, undefined, bounds);
    expect(Math.abs(permanent.since - Date.now())).toBeLessThan(5000);
    expect(await rooms.find('r', 'x')).toEqual(room);
    await refused(rooms.create({ realm: 'r', id: 'x', name: '' }, member('d'), bounds), 'ROOM_EXISTS', { room: 'x' });
    await rooms.create({ realm: 'other', id: 'x', name: '' }, member('d'), bounds);
    expect(idsOf(await rooms.find('r', 'x'))).toEqual(['c']);
  });

  it('keeps members in the order of joining, and raises the version with each change', async () => {
    const rooms = await open();
    const versions = [(await rooms.create({ realm: 'r', id: 'x', name: '' }, member('c'), bounds)).version];
    for (const id of ['z', 'a', '__proto__', 'b'])
      versions.push((await rooms.join('r', 'x', member(id), bounds)).version);
    expect(idsOf(await rooms.find('r', 'x'))).toEqual(['c', 'z', 'a', '__proto__', 'b']);
    const after = await rooms.leave('r', 'x', 'a');
    expect(idsOf(after)).toEqual(['c', 'z', '__proto__', 'b']);
    versions.push(after.version);
    expect(versions).toEqual([...new Set(versions)].sort((one, other) => one - other));
    expect(idsOf(await rooms.join('r', 'x', member('a'), bounds))).toEqual(['c', 'z', '__proto__', 'b', 'a']);
  });

  it('rejects operations on missing rooms and members', async () => {
    const rooms = await open();
    await rooms.create({ realm: 'r', id: 'x', name: '' }, member('c'), bounds);
    await refused(rooms.join('r', 'y', member('d'), bounds), 'ROOM_NOT_FOUND', { room: 'y' });
    await refused(rooms.join('s', 'x', member('d'), bounds), 'ROOM_NOT_FOUND', { room: 'x' });
    await refused(rooms.join('r', 'x', member('c'), bounds), 'ALREADY_IN_ROOM', { room: 'x' });
    await refused(rooms.leave('r', 'x', 'd'), 'NOT_IN_ROOM', { room: 'x' });
    await refused(rooms.leave('r', 'y', 'c'), 'ROOM_NOT_FOUND', { room: 'y' });
    await refused(rooms.end('r', 'x', 'd'), 'NOT_ROOM_CREATOR', { room: 'x' });
    await refused(rooms.end('r', 'y', 'c'), 'ROOM_NOT_FOUND', { room: 'y' });
    expect(await rooms.find('r', 'y')).toBeUndefined();
  });

  it('deletes a room with its last member', async () => {
    const rooms = await open();
    await rooms.create({ realm: 'r', id: 'x', name: '' }, member('c'), bounds);
    expect(idsOf(await rooms.leave('r', 'x', 'c'))).toEqual([]);
    expect(await rooms.find('r', 'x')).toBeUndefined();
    await refused(rooms.join('r', 'x', member('c'), bounds), 'ROOM_NOT_FOUND', { room: 'x' });
  });

  it('ends a room for its creator, or for the operator', async () => {
    const rooms = await open();
    for (const id of ['x', 'y']) await rooms.create({ realm: 'r', id, name: 'N' }, member('c'), bounds);
    await rooms.join('r', 'x', member('d'), bounds);
    expect(await rooms.end('r', 'x', 'c')).toMatchObject({ id: 'x', name: 'N', members: [member('c'), member('d')] });
    expect(await rooms.find('r', 'x')).toBeUndefined();
    expect(idsOf(await rooms.end('r', 'y'))).toEqual(['c']);
    expect((await rooms.list({ limit: 10 })).items).toEqual([]);
  });

  it('lets no client end a room whose creator has left, not even the creator after a return', async () => {
    const rooms = await open();
    await rooms.create({ realm: 'r', id: 'x', name: '' }, member('c'), bounds);
    await rooms.join('r', 'x', member('d'), bounds);
    expect((await rooms.leave('r', 'x', 'c')).creator).toBeUndefined();
    await rooms.join('r', 'x', member('c'), bounds);
    await refused(rooms.end('r', 'x', 'c'), 'NOT_ROOM_CREATOR', { room: 'x' });
  });

  it('bounds the number of rooms and of members', async () => {
    const rooms = await open();
    const small = { maxRooms: 2, maxMembers: 2 };
    await rooms.create({ realm: 'r', id: 'x', name: '' }, member('c'), small);
    await rooms.create({ realm: 's', id: 'x', name: '' }, member('c'), small);
    const create = () => rooms.create({ realm: 'r', id: 'y', name: '' }, member('c'), small);
    await refused(create(), 'LIMIT_REACHED', { what: 'rooms', limit: 2 });
    await rooms.join('r', 'x', member('d'), small);
    await refused(rooms.join('r', 'x', member('e'), small), 'LIMIT_REACHED', { what: 'members of a room', limit: 2 });
    await rooms.leave('r', 'x', 'd');
    await rooms.join('r', 'x', member('e'), small);
    await rooms.end('s', 'x');
    await create();
  });

  it('loses no member among 90 concurrent joins and leaves', async () => {
    const rooms = await open();
    await rooms.create({ realm: 'r', id: 'x', name: '' }, member('c'), bounds);
    const changes = Array.from({ length: 90 }, async (_, i) => {
      const joined = await rooms.join('r', 'x', member(`m${i}`), bounds);
      return i % 2 ? [joined] : [joined, await rooms.leave('r', 'x', `m${i}`)];
    });
    const versions = (await Promise.all(changes)).flat().map(({ version }) => version);
    expect(new Set(versions).size).toBe(versions.length);
    expect((await rooms.find('r', 'x'))?.members).toHaveLength(46);
  });

  it('accepts any string as id and realm', async () => {
    const rooms = await open();
    for (const realm of NAMES) for (const id of NAMES) await rooms.create({ realm, id, name: id }, member(id), bounds);
    for (const realm of NAMES) {
      for (const id of NAMES) expect(await rooms.find(realm, id)).toMatchObject({ realm, id, name: id, creator: id });
    }
  });

  it('lists rooms in pages, in the order of their creation', async () => {
    const rooms = await open();
    const ids = Array.from({ length: 12 }, (_, i) => `r${11 - i}`);
    for (const id of ids) await rooms.create({ realm: 'r', id, name: '' }, member('c'), bounds);
    await rooms.create({ realm: 's', id: 'other', name: '' }, member('c'), bounds);
    const first = await rooms.list({ realm: 'r', limit: 10 });
    const second = await rooms.list({ realm: 'r', limit: 10, cursor: first.cursor });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids);
    expect(second.cursor).toBeUndefined();
  });

  it('continues behind an empty page where it began', async () => {
    const rooms = await open();
    for (const id of ['a', 'b', 'c']) await rooms.create({ realm: 'r', id, name: '' }, member('c'), bounds);
    await continuesAfterEmptyPages((query) => rooms.list(query));
  });

  it.each(INVALID_CURSORS)('rejects the cursor %j', async (cursor) => {
    const rooms = await open();
    await rooms.create({ realm: 'r', id: 'x', name: '' }, member('c'), bounds);
    await refused(rooms.list({ limit: 10, cursor }), 'INVALID_REQUEST', {});
  });
}

function describeOfflineQueue(open: (options?: Partial<Config>) => Promise<OfflineQueue>): void {
  const signal = (from: string, payload: unknown): Signal => ({ kind: 'offer', from, payload: RawJson.of(payload) });
  const payloads = (signals: Signal[]): unknown[] => signals.map(({ payload }) => payload?.parse());
  const until = async (done: () => boolean): Promise<void> => {
    while (!done()) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('returns queued signals once, in order', async () => {
    const queue = await open();
    for (let i = 0; i < 20; i++)
      expect(await queue.put({ realm: 'r', to: 'x', signal: signal(`s${i % 3}`, i) })).toBe(true);
    await queue.put({ realm: 'r', to: 'y', signal: signal('s', 'other') });
    await queue.put({ realm: 'other', to: 'x', signal: signal('s', 'other') });
    expect(payloads(await queue.take('r', 'x'))).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(await queue.take('r', 'x')).toEqual([]);
    expect(payloads(await queue.take('r', 'y'))).toEqual(['other']);
  });

  it('returns a signal unchanged, even if its bytes are reused meanwhile', async () => {
    const queue = await open();
    const bytes = Buffer.from('{"a":1.50}');
    await queue.put({
      realm: 'r',
      to: 'x',
      signal: {
        kind: 'candidate',
        from: 's',
        type: 't',
        payload: new RawJson(bytes),
        native: { protocol: 'p', text: 'n€' },
      },
    });
    await queue.put({ realm: 'r', to: 'x', signal: { kind: 'offer', from: 's' } });
    bytes.fill(0);
    const [first, second] = await queue.take('r', 'x');
    expect(first).toMatchObject({ kind: 'candidate', from: 's', type: 't', native: { protocol: 'p', text: 'n€' } });
    expect(first.payload?.toString()).toBe('{"a":1.50}');
    expect(second.payload).toBeUndefined();
  });

  it('expires each signal after its own time, and names each pair once', async () => {
    const queue = await open({ queueTtlMs: 1000 });
    await queue.put({ realm: 'r', to: 'c', signal: signal('a_b', 1) });
    await queue.put({ realm: 'r', to: 'c', signal: signal('a_b', 2) });
    await queue.put({ realm: 'r', to: 'b_c', signal: signal('a', 3) });
    await queue.put({ realm: 'r', to: '__proto__', signal: signal('__proto__', 4) });
    const early = performance.now();
    expect(await queue.expire()).toEqual([]);
    await until(() => performance.now() - early > 600);
    await queue.put({ realm: 'r', to: 'c', signal: signal('late', 5) });
    const late = performance.now();
    await until(() => performance.now() - early > 1050);
    expect(payloads(await queue.take('r', 'b_c'))).toEqual([]);
    expect(await queue.expire()).toEqual([
      { realm: 'r', from: 'a_b', to: 'c' },
      { realm: 'r', from: 'a', to: 'b_c' },
      { realm: 'r', from: '__proto__', to: '__proto__' },
    ]);
    expect(payloads(await queue.take('r', 'c'))).toEqual([5]);
    await until(() => performance.now() - late > 1050);
    expect(await queue.expire()).toEqual([]);
  });

  it.each([
    ['target', { maxQueuedPerTarget: 3, maxSharePerSender: 100 }],
    ['sender', { maxQueuedPerSender: 3 }],
    ['server', { maxQueued: 3 }],
    ['target, in bytes', { maxQueuedBytesPerTarget: 35_000, maxSharePerSender: 100 }],
    ['sender, in bytes', { maxQueuedBytesPerSender: 35_000 }],
    ['server, in bytes', { maxQueuedBytes: 35_000 }],
  ])('bounds the signals of one %s', async (_, options) => {
    const queue = await open(options);
    const put = (to: string, from: string) => queue.put({ realm: 'r', to, signal: signal(from, 'x'.repeat(10_000)) });
    const results = [await put('x', 's'), await put('x', 's'), await put('x', 's'), await put('x', 's')];
    expect(results).toEqual([true, true, true, false]);
    expect(await queue.take('r', 'x')).toHaveLength(3);
    expect(await put('x', 's')).toBe(true);
  });
}

function describeMessageBus(open: () => Promise<Backplane>): void {
  const message = (i: number): BusMessage => ({
    version: 1,
    type: 'signal',
    realm: 'r',
    to: 'x',
    signal: { kind: 'message', from: 's', payload: RawJson.of({ i, text: '€' }) },
    node: 'a',
    mayWait: false,
    moves: 0,
  });

  it('delivers messages to their node, in order and once', async () => {
    const { busOfA, busOfB } = await open();
    const received: unknown[] = [];
    const all = new Promise<void>((resolve) => {
      busOfB.onMessage('signal', ({ realm, to, signal }) => {
        received.push([realm, to, signal.kind, signal.from, signal.payload?.parse()]);
        if (received.length === 200) resolve();
      });
    });
    busOfA.onMessage('signal', () => received.push('not for a'));
    await Promise.all(Array.from({ length: 200 }, (_, i) => busOfA.send('b', message(i))));
    await all;
    expect(received).toEqual(Array.from({ length: 200 }, (_, i) => ['r', 'x', 'message', 's', { i, text: '€' }]));
  });

  it('delivers payload and attachments of a signal byte for byte', async () => {
    const { busOfA, busOfB } = await open();
    const payload = new RawJson(Buffer.from('{"a":1.50,"b":"\\u0000€"}'));
    const attachments = [Buffer.from([0, 255, 128]), Buffer.alloc(0), Buffer.from('€')];
    const signal = { kind: 'notice', from: 's', room: '__proto__', payload, attachments } as const;
    const arrived = new Promise<BusMessageOf<'roomSignal'>>((resolve) => busOfB.onMessage('roomSignal', resolve));
    const native = { protocol: 'p', text: '"n€":1' };
    await busOfA.send('b', { version: 1, type: 'roomSignal', realm: '', signal: { ...signal, type: 't', native } });
    const { realm, signal: received } = await arrived;
    expect(realm).toBe('');
    expect(received).toMatchObject({ kind: 'notice', from: 's', room: '__proto__', type: 't', native });
    expect(received.payload?.toString()).toBe(payload.toString());
    expect(received.attachments?.map((bytes) => bytes.toString('hex'))).toEqual(['00ff80', '', 'e282ac']);
  });

  it('delivers a message only to the listener of its type', async () => {
    const { busOfA, busOfB } = await open();
    const call = { version: 1, type: 'call', from: 'a', call: 7, method: 'm', argument: { a: [null] } } as const;
    const arrived = new Promise((resolve) => busOfB.onMessage('call', resolve));
    busOfB.onMessage('signal', () => {
      throw new Error('not a signal');
    });
    await busOfA.send('b', call);
    expect(await arrived).toEqual(call);
  });

  it('delivers the next message after a listener throws, and reports the error', async () => {
    const { busOfA, busOfB } = await open();
    const received: unknown[] = [];
    const errors: unknown[] = [];
    busOfB.onError((error) => errors.push(error));
    const last = new Promise<void>((resolve) => {
      busOfB.onMessage('signal', ({ signal }) => {
        const { i } = signal.payload?.parse() as { i: number };
        if (i % 3 === 0) throw new Error(`broken by ${i}`);
        received.push(i);
        if (i === 8) resolve();
      });
    });
    const sent = await Promise.all(Array.from({ length: 9 }, (_, i) => busOfA.send('b', message(i))));
    await last;
    expect(sent).toEqual(sent.map(() => true));
    expect(received).toEqual([1, 2, 4, 5, 7, 8]);
    expect(errors.map(String)).toEqual([0, 3, 6].map((i) => `Error: broken by ${i}`));
  });

  it('resolves with false for an unknown node', async () => {
    const { busOfA } = await open();
    expect(await busOfA.send('unknown', message(0))).toBe(false);
    expect((await busOfA.nodes()).sort()).toEqual(['a', 'b']);
  });
}

/** Lists a, b and c with empty pages between them, which must not move the position. */
async function continuesAfterEmptyPages(
  list: (query: { limit: number; cursor?: string }) => Promise<Page<{ readonly id: string }>>,
): Promise<void> {
  const idsOf = ({ items }: Page<{ readonly id: string }>): string[] => items.map(({ id }) => id);
  const start = await list({ limit: 0 });
  expect(start.items).toEqual([]);
  const first = await list({ limit: 1, cursor: start.cursor });
  expect(idsOf(first)).toEqual(['a']);
  const between = await list({ limit: 0, cursor: first.cursor });
  expect(between.items).toEqual([]);
  // An empty page need not have a cursor.
  expect(idsOf(await list({ limit: 10, cursor: between.cursor ?? first.cursor }))).toEqual(['b', 'c']);
}
