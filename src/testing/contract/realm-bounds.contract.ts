import { groupRoom } from '../../common/group.js';
import type { RoomMember } from '../../common/room.js';
import type { RoomBounds, RoomStore } from '../../rooms/room-store.js';
import { equal, refused } from './expectations.js';
import { type DeclareTest, describeSuite, type OpenNodes, type TestRunner } from './suite.js';

const member = (id: string, node = 'a'): RoomMember => ({ id, node, joinedAt: 7 });
const upTo = (maxRoomsOfRealm: number): RoomBounds => ({ maxRooms: 1000, maxRoomsOfRealm, maxMembers: 100 });
const full = (limit: number) => ['LIMIT_REACHED', { what: 'rooms of a realm', limit }] as const;
const create = (store: RoomStore, realm: string, id: string, bounds: RoomBounds) =>
  store.create({ realm, id, name: '' }, member('c'), bounds);

/** Declares the tests of bounds on the rooms of one realm. */
export function describeRealmBounds(runner: TestRunner, open: OpenNodes): void {
  describeSuite(runner, 'RoomStore: rooms of a realm', open, declareBounds);
}

function declareBounds(it: DeclareTest): void {
  it('bounds the rooms of one realm on all nodes, and those of no other realm', async ({ a, b }) => {
    await create(a.rooms, 'r', 'x', upTo(2));
    await create(b.rooms, 'r', 'y', upTo(2));
    await create(a.rooms, 's', 'x', upTo(2));
    await refused(create(a.rooms, 'r', 'z', upTo(2)), ...full(2));
    await refused(b.rooms.create({ realm: 'r', id: 'z', name: '' }, undefined, upTo(2)), ...full(2));
    await refused(create(a.rooms, 'r', 'x', upTo(2)), 'ROOM_EXISTS', { room: 'x' });
    await create(a.rooms, 'r', 'z', upTo(3));
    await a.rooms.end('r', 'z');
    await b.rooms.leave('r', 'y', 'c');
    await create(b.rooms, 'r', 'z', upTo(2));
  });

  it('permits no room at 0, and any number without a bound', async ({ a: { rooms } }) => {
    await refused(create(rooms, 'r', 'x', upTo(0)), ...full(0));
    await create(rooms, 'r', 'x', { maxRooms: 1000, maxMembers: 100 });
  });

  it('counts rooms that entering creates, not groups, and enters all or none', async ({ a: { rooms } }) => {
    const enter = (...ids: string[]) =>
      rooms.enter(
        'r',
        ids.map((id) => ({ id, mayCreate: true, maxMembers: 100 })),
        member('d'),
        upTo(2),
      );
    await create(rooms, 'r', 'theirs', upTo(2));
    await refused(enter('theirs', 'x', 'y'), ...full(2));
    equal([...(await rooms.existing('r', ['x', 'y']))], []);
    await enter('theirs', 'x', groupRoom('g'), groupRoom('h'));
    await enter('theirs', 'x', groupRoom('i'));
    await refused(enter('y'), ...full(2));
  });
}
