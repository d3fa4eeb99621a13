import assert from 'node:assert/strict';
import type { RoomChange, RoomMember } from '../../common/room.js';
import type { RoomStore } from '../../rooms/room-store.js';
import { equal, membersOf, refused, until } from './expectations.js';
import { type DeclareTest, describeSuite, type OpenNodes, type TestRunner } from './suite.js';

const BOUNDS = { maxRooms: 1000, maxMembers: 100 };

const of = (node: string) => (id: string): RoomMember => ({ id, node, joinedAt: 7 }); // prettier-ignore
const [ofA, ofB] = [of('a'), of('b')];

/**
 * Returns the changes announced to a node, each as `KIND CLIENT ROOM[MEMBERS]`, with those announced together in one
 * line.
 */
export function announcements(store: RoomStore, node: string): string[] {
  const announced: string[] = [];
  const text = ({ kind, client = '-', room: { id, members } }: RoomChange): string =>
    `${kind} ${client} ${id}[${members.map((member) => member.id).join()}]`;
  store.listen(node, (changes) => announced.push(changes.map(text).join('; ')));
  return announced;
}

/** Declares the tests of RoomStore.listen, move and restore. */
export function describeRoomChanges(runner: TestRunner, open: OpenNodes): void {
  describeSuite(runner, 'RoomStore: changes announced to nodes', open, declareAnnouncements);
  describeSuite(runner, 'RoomStore: move and restore', open, declareMoves);
}

function declareAnnouncements(it: DeclareTest): void {
  it('announces every change to each node with members, and its own before the operation resolves', async ({
    a,
    b,
  }) => {
    const [toA, toB] = [announcements(a.rooms, 'a'), announcements(b.rooms, 'b')];
    await a.rooms.create({ realm: 'r', id: 'x', name: '' }, ofA('c'), BOUNDS);
    equal(toA, ['created c x[c]']);
    await b.rooms.join('r', 'x', ofB('d'), BOUNDS);
    equal(toB, ['joined d x[c,d]']);
    await until(() => toA.length === 2);
    await a.rooms.enter('r', [{ id: 'x', mayCreate: false, maxMembers: 9, attributes: { n: 1 } }], ofA('e'), BOUNDS);
    await a.rooms.setMemberAttributes('r', 'e', new Map([['x', { n: 2 }]]));
    await a.rooms.setAttributes('r', 'x', { a: 1 });
    await a.rooms.leave('r', 'x', 'c');
    await b.rooms.leave('r', 'x', 'd');
    await a.rooms.end('r', 'x');
    const all = [
      'created c x[c]',
      'joined d x[c,d]',
      'joined e x[c,d,e]',
      'updated e x[c,d,e]',
      'updated - x[c,d,e]',
      'left c x[d,e]',
      'left d x[e]',
      'ended - x[e]',
    ];
    equal(toA, all);
    // Node b has no member any more when the room ends.
    await until(() => toB.length >= 6);
    equal(toB, all.slice(1, 7));
  });

  it('announces to a node the end of a room, and the removal of its member, by another node', async ({ a, b }) => {
    const toB = announcements(b.rooms, 'b');
    await b.rooms.create({ realm: 'r', id: 'x', name: '' }, ofB('c'), BOUNDS);
    await b.rooms.join('r', 'x', ofB('d'), BOUNDS);
    equal(membersOf(await a.rooms.leave('r', 'x', 'd')), ['c']);
    equal(membersOf(await a.rooms.end('r', 'x')), ['c']);
    await until(() => toB.length === 4);
    equal(toB.slice(2), ['left d x[c]', 'ended - x[c]']);
    await refused(b.rooms.leave('r', 'x', 'c'), 'ROOM_NOT_FOUND', { room: 'x' });
  });

  it('announces attributes in several rooms together', async ({ a: { rooms } }) => {
    for (const id of ['x', 'y', 'z']) await rooms.create({ realm: 'r', id, name: '' }, ofA('c'), BOUNDS);
    const announced = announcements(rooms, 'a');
    await rooms.setMemberAttributes('r', 'c', new Map([['x', { n: 1 }], ['z', { n: 1 }]])); // prettier-ignore
    equal(announced, ['updated c x[c]; updated c z[c]']);
  });

  it('announces nothing for refused operations', async ({ a: { rooms } }) => {
    await rooms.create({ realm: 'r', id: 'x', name: '' }, ofA('c'), BOUNDS);
    const announced = announcements(rooms, 'a');
    await refused(rooms.create({ realm: 'r', id: 'x', name: '' }, ofA('d'), BOUNDS), 'ROOM_EXISTS', {});
    await refused(rooms.join('r', 'x', ofA('d'), { maxRooms: 9, maxMembers: 1 }), 'LIMIT_REACHED', {});
    await refused(rooms.leave('r', 'x', 'd'), 'NOT_IN_ROOM', {});
    await refused(rooms.end('r', 'x', 'd'), 'NOT_ROOM_CREATOR', {});
    const missing = { id: 'missing', mayCreate: false, maxMembers: 9 };
    await refused(rooms.enter('r', [{ ...missing, id: 'x' }, missing], ofA('d'), BOUNDS), 'ROOM_NOT_FOUND', {});
    await rooms.setAttributes('r', 'x', {});
    equal(announced, ['updated - x[c]']);
  });
}

function declareMoves(it: DeclareTest): void {
  it('moves a client with its place, attributes and rights, and announces that to both nodes', async ({ a, b }) => {
    await a.rooms.create({ realm: 'r', id: 'x', name: 'N' }, ofA('c'), BOUNDS);
    await a.rooms.join('r', 'x', ofA('d'), BOUNDS);
    await a.rooms.setMemberAttributes('r', 'c', new Map([['x', { n: 1 }]]));
    await a.rooms.create({ realm: 'r', id: 'y', name: '' }, ofA('d'), BOUNDS);
    const [toA, toB] = [announcements(a.rooms, 'a'), announcements(b.rooms, 'b')];
    const moved = await b.rooms.move('r', 'c', 'b', ['x', 'y', 'z']);
    const found = moved.map(({ id, creator, members }) => [id, creator, members]);
    equal(found, [['x', 'c', [{ ...ofB('c'), attributes: { n: 1 } }, ofA('d')]]]);
    equal(await a.rooms.find('r', 'x'), moved[0]);
    await until(() => toA.length === 1);
    equal([toA, toB], [['moved c x[c,d]'], ['moved c x[c,d]']]);
    await b.rooms.end('r', 'x', 'c');
    await until(() => toA.length === 2);
    assert.equal(toA[1], 'ended - x[c,d]');
  });

  it('announces a move also to a former node without other members in the room', async ({ a, b }) => {
    await a.rooms.create({ realm: 'r', id: 'x', name: '' }, ofA('c'), BOUNDS);
    const toA = announcements(a.rooms, 'a');
    await b.rooms.move('r', 'c', 'b', ['x']);
    await until(() => toA.length === 1);
    equal(toA, ['moved c x[c]']);
  });

  it('restores a node: removes members that it no longer has', async ({ a, b }) => {
    await a.rooms.create({ realm: 'r', id: 'x', name: 'N' }, ofA('c'), BOUNDS);
    await b.rooms.join('r', 'x', ofB('d'), BOUNDS);
    await a.rooms.join('r', 'x', ofA('gone'), BOUNDS);
    await a.rooms.create({ realm: 'r', id: 'y', name: 'Y' }, ofA('e'), BOUNDS);
    const toB = announcements(b.rooms, 'b');
    await a.rooms.restore('a', (_realm, room, id) => room === 'x' && id !== 'gone');
    equal(membersOf(await a.rooms.find('r', 'x')), ['c', 'd']);
    assert.equal(await a.rooms.find('r', 'y'), undefined);
    await until(() => toB.length === 1);
    equal(toB, ['left gone x[c,d]']);
  });
}
