import { groupRoom } from '../../common/group.js';
import type { RoomMember } from '../../common/room.js';
import type { RoomBounds, RoomStore } from '../../rooms/room-store.js';
import { equal, refused } from './expectations.js';
import { type DeclareTest, describeSuite, type OpenNodes, type TestRunner } from './suite.js';

const member = (id: string, node = 'a'): RoomMember => ({ id, node, joinedAt: 7 });
const from = (group: string, maxRooms = 2): RoomBounds => ({
  maxRooms: 1000,
  maxMembers: 100,
  address: { group, maxRooms },
});
const full = (limit: number) => ['LIMIT_REACHED', { what: 'rooms of an address', limit }] as const;
const create = (store: RoomStore, id: string, bounds: RoomBounds, realm = 'r') =>
  store.create({ realm, id, name: '' }, member('c'), bounds);
const enter = (store: RoomStore, ids: readonly string[], bounds: RoomBounds) => {
  const entries = ids.map((id) => ({ id, mayCreate: true, maxMembers: 100 }));
  return store.enter('r', entries, member('d'), bounds);
};

/** Declares the tests of bounds on the rooms that are created from one address. */
export function describeRoomShares(runner: TestRunner, open: OpenNodes): void {
  describeSuite(runner, 'RoomStore: share of an address', open, declareShares);
}

function declareShares(it: DeclareTest): void {
  it('bounds the rooms of one address over all realms and nodes, and no other rooms', async ({ a, b }) => {
    await create(a.rooms, 'x', from('192.0.2.1'));
    await create(b.rooms, 'x', from('192.0.2.1'), 's');
    await refused(create(a.rooms, 'y', from('192.0.2.1')), ...full(2));
    await refused(create(a.rooms, 'x', from('192.0.2.1')), 'ROOM_EXISTS', { room: 'x' });
    await refused(create(b.rooms, 'y', from('192.0.2.1', 1)), ...full(1));
    await create(a.rooms, 'y', from('2001:db8:0:0::/64'));
    await create(a.rooms, 'z', { maxRooms: 1000, maxMembers: 100 });
    await a.rooms.create({ realm: 'r', id: 'p', name: '' }, undefined, { maxRooms: 1000, maxMembers: 100 });
    const tooMany = create(a.rooms, 'q', { ...from('192.0.2.1'), maxRooms: 5 });
    await refused(tooMany, 'LIMIT_REACHED', { what: 'rooms', limit: 5 });
  });

  it('counts rooms and groups that entering creates, and enters all or none', async ({ a: { rooms } }) => {
    await create(rooms, 'theirs', from('192.0.2.2'));
    const group = groupRoom('g');
    await refused(enter(rooms, ['x', 'theirs', 'y', 'z'], from('192.0.2.1')), ...full(2));
    equal([...(await rooms.existing('r', ['x', 'y', 'z']))], []);
    await enter(rooms, ['x', 'theirs', group], from('192.0.2.1'));
    await enter(rooms, ['x', 'theirs', group], from('192.0.2.1'));
    await refused(enter(rooms, ['x', 'y'], from('192.0.2.1')), ...full(2));
    await rooms.leave('r', group, 'd');
    await enter(rooms, ['x', 'y'], from('192.0.2.1'));
  });

  it('counts a room for the address that created it until the room ends in any way', async ({ a: { rooms } }) => {
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
