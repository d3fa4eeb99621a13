import assert from 'node:assert/strict';
import { groupRoom } from '../../common/group.js';
import type { RoomMember } from '../../common/room.js';
import {
  allPages,
  continuesAfterEmptyPages,
  equal,
  idsOf,
  includes,
  INVALID_CURSORS,
  membersOf,
  NAMES,
  outcomesOf,
  refused,
} from './expectations.js';
import { describeRealmBounds } from './realm-bounds.contract.js';
import { describeRoomAttributes } from './room-attributes.contract.js';
import { describeRoomChanges } from './room-changes.contract.js';
import { describeEntering } from './room-entering.contract.js';
import { describeRoomShares } from './room-shares.contract.js';
import { type DeclareTest, describeSuite, type OpenNodes, type TestRunner } from './suite.js';

const BOUNDS = { maxRooms: 1000, maxMembers: 100 };

const member = (id: string, node = 'a'): RoomMember => ({ id, node, joinedAt: 7 });

/** Declares the tests of RoomStore. */
export function describeRoomStore(runner: TestRunner, open: OpenNodes): void {
  describeSuite(runner, 'RoomStore: rooms and members', open, declareRooms);
  describeSuite(runner, 'RoomStore: bounds and concurrency', open, declareBounds);
  describeSuite(runner, 'RoomStore: lists', open, declareLists);
  describeEntering(runner, open);
  describeRoomAttributes(runner, open);
  describeRoomChanges(runner, open);
  describeRoomShares(runner, open);
  describeRealmBounds(runner, open);
}

function declareRooms(it: DeclareTest): void {
  it('creates a room once, with its creator as a member', async ({ a, b }) => {
    const room = await a.rooms.create({ realm: 'r', id: 'x', name: 'X' }, member('c'), BOUNDS);
    includes(room, { realm: 'r', id: 'x', name: 'X', creator: 'c', since: 7, members: [member('c')] });
    equal(await b.rooms.find('r', 'x'), room);
    const again = b.rooms.create({ realm: 'r', id: 'x', name: '' }, member('d', 'b'), BOUNDS);
    await refused(again, 'ROOM_EXISTS', { room: 'x' });
    await b.rooms.create({ realm: 'other', id: 'x', name: '' }, member('d', 'b'), BOUNDS);
    equal(membersOf(await a.rooms.find('r', 'x')), ['c']);
  });

  it('keeps a room without a creator, also without members, until it is ended', async ({ a: { rooms } }) => {
    const room = await rooms.create({ realm: 'r', id: 'p', name: 'P' }, undefined, BOUNDS);
    includes(room, { creator: undefined, members: [], isPermanent: true });
    assert.ok(Math.abs(room.since - Date.now()) < 5000);
    await rooms.join('r', 'p', member('c'), BOUNDS);
    equal(membersOf(await rooms.leave('r', 'p', 'c')), []);
    includes(await rooms.find('r', 'p'), { name: 'P', since: room.since, members: [], isPermanent: true });
    await refused(rooms.end('r', 'p', 'c'), 'NOT_ROOM_CREATOR', { room: 'p' });
    await rooms.end('r', 'p');
    assert.equal(await rooms.find('r', 'p'), undefined);
  });

  it('keeps members in the order of joining, and raises the version with each change', async ({ a, b }) => {
    const versions = [(await a.rooms.create({ realm: 'r', id: 'x', name: '' }, member('c'), BOUNDS)).version];
    for (const id of ['z', 'a', '__proto__', 'b'])
      versions.push((await b.rooms.join('r', 'x', member(id, 'b'), BOUNDS)).version);
    equal(membersOf(await a.rooms.find('r', 'x')), ['c', 'z', 'a', '__proto__', 'b']);
    const after = await b.rooms.leave('r', 'x', 'a');
    equal(membersOf(after), ['c', 'z', '__proto__', 'b']);
    versions.push(after.version);
    const rising = [...new Set(versions)].sort((one, other) => one - other);
    equal(versions, rising);
    equal(membersOf(await b.rooms.join('r', 'x', member('a', 'b'), BOUNDS)), ['c', 'z', '__proto__', 'b', 'a']);
  });

  it('rejects operations on missing rooms and members', async ({ a: { rooms } }) => {
    await rooms.create({ realm: 'r', id: 'x', name: '' }, member('c'), BOUNDS);
    await refused(rooms.join('r', 'y', member('d'), BOUNDS), 'ROOM_NOT_FOUND', { room: 'y' });
    await refused(rooms.join('s', 'x', member('d'), BOUNDS), 'ROOM_NOT_FOUND', { room: 'x' });
    await refused(rooms.join('r', 'x', member('c'), BOUNDS), 'ALREADY_IN_ROOM', { room: 'x' });
    await refused(rooms.leave('r', 'x', 'd'), 'NOT_IN_ROOM', { room: 'x' });
    await refused(rooms.leave('r', 'y', 'c'), 'ROOM_NOT_FOUND', { room: 'y' });
    await refused(rooms.end('r', 'x', 'd'), 'NOT_ROOM_CREATOR', { room: 'x' });
    await refused(rooms.end('r', 'y', 'c'), 'ROOM_NOT_FOUND', { room: 'y' });
    assert.equal(await rooms.find('r', 'y'), undefined);
  });

  it('deletes a room with its last member', async ({ a: { rooms } }) => {
    await rooms.create({ realm: 'r', id: 'x', name: '' }, member('c'), BOUNDS);
    equal(membersOf(await rooms.leave('r', 'x', 'c')), []);
    assert.equal(await rooms.find('r', 'x'), undefined);
    await refused(rooms.join('r', 'x', member('c'), BOUNDS), 'ROOM_NOT_FOUND', { room: 'x' });
  });

  it('ends a room for its creator, or for the operator', async ({ a, b }) => {
    for (const id of ['x', 'y']) await a.rooms.create({ realm: 'r', id, name: 'N' }, member('c'), BOUNDS);
    await a.rooms.join('r', 'x', member('d'), BOUNDS);
    includes(await a.rooms.end('r', 'x', 'c'), { id: 'x', name: 'N', members: [member('c'), member('d')] });
    assert.equal(await b.rooms.find('r', 'x'), undefined);
    equal(membersOf(await b.rooms.end('r', 'y')), ['c']);
    equal((await a.rooms.list({ limit: 10 })).items, []);
  });

  it('lets no client end a room whose creator has left, not even the creator after a return', async ({ a }) => {
    await a.rooms.create({ realm: 'r', id: 'x', name: '' }, member('c'), BOUNDS);
    await a.rooms.join('r', 'x', member('d'), BOUNDS);
    assert.equal((await a.rooms.leave('r', 'x', 'c')).creator, undefined);
    await a.rooms.join('r', 'x', member('c'), BOUNDS);
    await refused(a.rooms.end('r', 'x', 'c'), 'NOT_ROOM_CREATOR', { room: 'x' });
  });

  it('accepts any string as id and realm', async ({ a: { rooms } }) => {
    const names = NAMES.flatMap((realm) => NAMES.map((id) => ({ realm, id, name: id })));
    for (const name of names) await rooms.create(name, member(name.id), BOUNDS);
    for (const name of names) includes(await rooms.find(name.realm, name.id), { ...name, creator: name.id });
  });

  it('returns snapshots, which later changes do not affect', async ({ a: { rooms } }) => {
    const room = await rooms.create({ realm: 'r', id: 'x', name: '' }, member('c'), BOUNDS);
    const { version } = room;
    await rooms.join('r', 'x', member('d'), BOUNDS);
    await rooms.setMemberAttributes('r', 'c', new Map([['x', { n: 1 }]]));
    includes(room, { members: [member('c')], version });
  });
}

function declareBounds(it: DeclareTest): void {
  it('bounds the number of rooms and of members', async ({ a: { rooms } }) => {
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

  it('creates one of several rooms with the same id, and no more rooms than the bound, of concurrent calls', async ({
    a,
    b,
  }) => {
    const create = (id: string, i: number, maxRooms: number): Promise<unknown> => {
      const [node, { rooms }] = i % 2 ? (['a', a] as const) : (['b', b] as const);
      return rooms.create({ realm: 'r', id, name: '' }, member(`m${i}`, node), { ...BOUNDS, maxRooms });
    };
    const same = await outcomesOf(Array.from({ length: 6 }, (_, i) => create('x', i, 9)));
    equal(same, ['ROOM_EXISTS', 'ROOM_EXISTS', 'ROOM_EXISTS', 'ROOM_EXISTS', 'ROOM_EXISTS', 'done']);
    const others = await outcomesOf(Array.from({ length: 6 }, (_, i) => create(`y${i}`, i, 3)));
    equal(others, ['LIMIT_REACHED', 'LIMIT_REACHED', 'LIMIT_REACHED', 'LIMIT_REACHED', 'done', 'done']);
    assert.equal(await a.rooms.count(), 3);
  });

  it('gives the last place of a room to one of several clients that join concurrently', async ({ a, b }) => {
    await a.rooms.create({ realm: 'r', id: 'x', name: '' }, member('c'), BOUNDS);
    const joins = Array.from({ length: 6 }, (_, i) => {
      const [node, { rooms }] = i % 2 ? (['a', a] as const) : (['b', b] as const);
      return rooms.join('r', 'x', member(`m${i}`, node), { maxRooms: 9, maxMembers: 2 });
    });
    const full = Array.from({ length: 5 }, () => 'LIMIT_REACHED');
    equal(await outcomesOf(joins), [...full, 'done']);
    assert.equal((await a.rooms.find('r', 'x'))?.members.length, 2);
  });

  it('loses no member among 90 concurrent joins and leaves', async ({ a, b }) => {
    await a.rooms.create({ realm: 'r', id: 'x', name: '' }, member('c'), BOUNDS);
    const changes = Array.from({ length: 90 }, async (_, i) => {
      const [node, { rooms }] = i % 4 < 2 ? (['a', a] as const) : (['b', b] as const);
      const joined = await rooms.join('r', 'x', member(`m${i}`, node), BOUNDS);
      return i % 2 ? [joined] : [joined, await rooms.leave('r', 'x', `m${i}`)];
    });
    const versions = (await Promise.all(changes)).flat().map(({ version }) => version);
    assert.equal(new Set(versions).size, versions.length);
    assert.equal((await a.rooms.find('r', 'x'))?.members.length, 46);
  });
}

function declareLists(it: DeclareTest): void {
  it('lists rooms in pages, in the order of their creation', async ({ a: { rooms } }) => {
    const ids = Array.from({ length: 12 }, (_, i) => `r${11 - i}`);
    for (const id of ids) await rooms.create({ realm: 'r', id, name: '' }, member('c'), BOUNDS);
    await rooms.create({ realm: 's', id: 'other', name: '' }, member('c'), BOUNDS);
    const first = await rooms.list({ realm: 'r', limit: 10 });
    const second = await rooms.list({ realm: 'r', limit: 10, cursor: first.cursor });
    equal(idsOf([...first.items, ...second.items]), ids);
    assert.equal(second.cursor, undefined);
    equal(idsOf((await rooms.list({ limit: 10, idPrefix: 'r1' })).items), ['r11', 'r10', 'r1']);
    equal(idsOf((await rooms.list({ limit: 10, realm: 's', idPrefix: 'r1' })).items), []);
  });

  it('counts rooms, in all and by realm, without those of groups', async ({ a: { rooms } }) => {
    for (const [realm, id] of [
      ['b', 'x'],
      ['b', 'y'],
      ['', 'x'],
      ['B', 'x'],
      ['gone', 'x'],
    ] as const)
      // prettier-ignore
      await rooms.create({ realm, id, name: '' }, member('c'), BOUNDS);
    const group = { id: groupRoom('g'), mayCreate: true, maxMembers: 9 };
    for (const realm of ['b', 'groups']) await rooms.enter(realm, [group], member('c'), BOUNDS);
    await rooms.end('gone', 'x');
    assert.equal(await rooms.count(), 4);
    const realms = await allPages(2, (cursor) => rooms.realms({ limit: 2, cursor }));
    equal(realms.map(({ realm, count }) => [realm, count]), [['', 1], ['B', 1], ['b', 2]]); // prettier-ignore
    equal(await rooms.realms({ limit: 5, cursor: 'Z' }), { items: [{ realm: 'b', count: 2 }] });
  });

  it('skips rooms of groups in pages', async ({ a: { rooms } }) => {
    const ids = ['a', groupRoom('g'), groupRoom(''), 'b', groupRoom('h'), 'group/g', 'c'];
    const entries = ids.map((id) => ({ id, mayCreate: true, maxMembers: 100 }));
    await rooms.enter('r', entries, member('c'), BOUNDS);
    const seen = await allPages(1, (cursor) => rooms.list({ realm: 'r', limit: 1, cursor }));
    equal(idsOf(seen), ['a', 'b', 'group/g', 'c']);
    equal(membersOf(await rooms.find('r', groupRoom('g'))), ['c']);
    await rooms.leave('r', groupRoom('g'), 'c');
    assert.equal(await rooms.find('r', groupRoom('g')), undefined);
  });

  it('continues behind an empty page where it began', async ({ a: { rooms } }) => {
    for (const id of ['a', 'b', 'c']) await rooms.create({ realm: 'r', id, name: '' }, member('c'), BOUNDS);
    await continuesAfterEmptyPages((query) => rooms.list(query));
  });

  for (const cursor of INVALID_CURSORS) {
    it(`rejects the cursor ${JSON.stringify(cursor)}`, async ({ a: { rooms } }) => {
      await rooms.create({ realm: 'r', id: 'x', name: '' }, member('c'), BOUNDS);
      await refused(rooms.list({ limit: 10, cursor }), 'INVALID_REQUEST', {});
    });
  }
}
