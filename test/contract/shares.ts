import { groupRoom } from '../../src/common/group.js';
import { RawJson } from '../../src/common/raw-json.js';
import type { RoomMember } from '../../src/common/room.js';
import type { Config } from '../../src/config/config.js';
import type { RoomBounds, RoomStore } from '../../src/rooms/room-store.js';
import type { OfflineQueue } from '../../src/signaling/offline-queue.js';
import { refused } from './support.js';

const member = (id: string, node = 'a'): RoomMember => ({ id, node, joinedAt: 7 });
const from = (group: string, maxRooms = 2): RoomBounds => ({
  maxRooms: 1000,
  maxMembers: 100,
  address: { group, maxRooms },
});

/** Bounds on the rooms that are created from one address. */
export function describeRoomShares(open: () => Promise<{ rooms: RoomStore; roomsOfB: RoomStore }>): void {
  const full = (limit: number) => ['LIMIT_REACHED', { what: 'rooms of an address', limit }] as const;
  const create = (store: RoomStore, id: string, bounds: RoomBounds, realm = 'r') =>
    store.create({ realm, id, name: '' }, member('c'), bounds);
  const enter = (store: RoomStore, ids: readonly string[], bounds: RoomBounds) => {
    const entries = ids.map((id) => ({ id, mayCreate: true, maxMembers: 100 }));
    return store.enter('r', entries, member('d'), bounds);
  };

  it('bounds the rooms of one address over all realms and nodes, and no other rooms', async () => {
    const { rooms, roomsOfB } = await open();
    await create(rooms, 'x', from('192.0.2.1'));
    await create(roomsOfB, 'x', from('192.0.2.1'), 's');
    await refused(create(rooms, 'y', from('192.0.2.1')), ...full(2));
    await refused(create(rooms, 'x', from('192.0.2.1')), 'ROOM_EXISTS', { room: 'x' });
    await refused(create(roomsOfB, 'y', from('192.0.2.1', 1)), ...full(1));
    await create(rooms, 'y', from('2001:db8:0:0::/64'));
    await create(rooms, 'z', { maxRooms: 1000, maxMembers: 100 });
    await rooms.create({ realm: 'r', id: 'p', name: '' }, undefined, { maxRooms: 1000, maxMembers: 100 });
    await refused(create(rooms, 'q', { ...from('192.0.2.1'), maxRooms: 5 }), 'LIMIT_REACHED', {
      what: 'rooms',
      limit: 5,
    });
  });

  it('counts rooms and groups that entering creates, and enters all or none', async () => {
    const { rooms } = await open();
    await create(rooms, 'theirs', from('192.0.2.2'));
    const group = groupRoom('g');
    await refused(enter(rooms, ['x', 'theirs', 'y', 'z'], from('192.0.2.1')), ...full(2));
    expect(await rooms.existing('r', ['x', 'y', 'z'])).toEqual(new Set());
    await enter(rooms, ['x', 'theirs', group], from('192.0.2.1'));
    await enter(rooms, ['x', 'theirs', group], from('192.0.2.1'));
    await refused(enter(rooms, ['x', 'y'], from('192.0.2.1')), ...full(2));
    await rooms.leave('r', group, 'd');
    await enter(rooms, ['x', 'y'], from('192.0.2.1'));
  });

  it('counts a room for the address that created it until the room ends in any way', async () => {
    const { rooms } = await open();
    const [mine, theirs] = [from('192.0.2.1', 1), from('192.0.2.2', 1)];
    const isCounted = () => refused(create(rooms, 'other', mine), ...full(1));

    await create(rooms, 'x', mine);
    await rooms.join('r', 'x', member('d'), theirs);
    await rooms.leave('r', 'x', 'c');
    await isCounted();
    await create(rooms, 'y', theirs);
    await rooms.leave('r', 'x', 'd');

    await create(rooms, 'x', mine);
    await rooms.join('r', 'x', member('d'), theirs);
    await isCounted();
    await rooms.end('r', 'x', 'c');

    await create(rooms, 'x', mine);
    await isCounted();
    await rooms.restore('a', (_realm, id) => id !== 'x');

    await create(rooms, 'x', mine);
    await isCounted();
  });
}

/** Bounds on the queued signals of one address, and of one sender at one target. */
export function describeQueueShares(open: (options?: Partial<Config>) => Promise<OfflineQueue>): void {
  interface Put {
    readonly to: string;
    readonly from?: string;
    readonly address?: string;
    readonly realm?: string;
  }
  const payload = RawJson.of('x'.repeat(10_000));
  const put = (queue: OfflineQueue, { to, from: sender = 's', address, realm = 'r' }: Put) =>
    queue.put({ realm, to, address, signal: { kind: 'offer', from: sender, payload } });
  /** Returns how many of the signals are queued. */
  async function countQueued(queue: OfflineQueue, count: number, each: (i: number) => Put): Promise<number> {
    let sum = 0;
    for (let i = 0; i < count; i++) if (await put(queue, each(i))) sum++;
    return sum;
  }

  it.each([
    ['number', { maxQueuedPerTarget: 6, maxQueuedBytesPerTarget: 1_000_000 }],
    ['bytes', { maxQueuedBytesPerTarget: 70_000 }],
  ])('leaves room for other signals beside those of one sender or address at a target: %s', async (_, options) => {
    const queue = await open(options);
    expect(await countQueued(queue, 10, () => ({ to: 'x' }))).toBe(3);
    expect(await put(queue, { to: 'x', from: 'friend' })).toBe(true);
    expect(await put(queue, { to: 'y' })).toBe(true);
    expect(await queue.take('r', 'x')).toHaveLength(4);
    expect(await countQueued(queue, 10, () => ({ to: 'x' }))).toBe(3);

    expect(await countQueued(queue, 10, (i) => ({ to: 'z', from: `s${i}`, address: '192.0.2.1' }))).toBe(3);
    expect(await put(queue, { to: 'z', from: 'friend', address: '192.0.2.2' })).toBe(true);
    expect(await put(queue, { to: 'z', from: 'spared' })).toBe(true);
    expect(await put(queue, { to: 'z', from: 's3', address: '192.0.2.1', realm: 'other' })).toBe(true);
    expect(await queue.take('r', 'z')).toHaveLength(5);
    expect(await countQueued(queue, 10, (i) => ({ to: 'z', from: `s${i}`, address: '192.0.2.1' }))).toBe(3);
  });

  it.each([
    ['number', { maxQueued: 6 }],
    ['bytes', { maxQueuedBytes: 70_000 }],
  ])('leaves room for other signals beside those of one address: %s', async (_, options) => {
    const queue = await open({ ...options, maxSharePerAddress: 50, maxSharePerSender: 100 });
    const mine = (i: number): Put => ({ to: `x${i}`, from: `s${i}`, address: '192.0.2.1', realm: `r${i % 2}` });
    expect(await countQueued(queue, 10, mine)).toBe(3);
    expect(await put(queue, { to: 'y', address: '192.0.2.2' })).toBe(true);
    expect(await put(queue, { to: 'x0', from: 's0', address: '192.0.2.1', realm: 'r0' })).toBe(false);
    expect(await queue.take('r0', 'x0')).toHaveLength(1);
    expect(await countQueued(queue, 10, mine)).toBe(1);
    expect(await queue.count()).toBe(4);
  });

  it('releases a share when signals expire', async () => {
    const queue = await open({ maxQueued: 20, maxQueuedPerTarget: 2, queueTtlMs: 50 });
    const one = { to: 'x', address: '192.0.2.1' };
    expect(await countQueued(queue, 3, () => one)).toBe(1);
    const expired: unknown[] = [];
    while (expired.length === 0) expired.push(...(await queue.expire()));
    expect(await put(queue, one)).toBe(true);
    expect(await put(queue, { to: 'y', from: 't', address: '192.0.2.1' })).toBe(true);
    expect(await put(queue, { to: 'z', from: 'u', address: '192.0.2.1' })).toBe(false);
  });
}
