import assert from 'node:assert/strict';
import type { RoomMember } from '../../common/room.js';
import type { RoomEntry } from '../../rooms/room-store.js';
import { equal, idsOf, membersOf, NAMES, refused } from './expectations.js';
import { type DeclareTest, describeSuite, type OpenNodes, type TestRunner } from './suite.js';

const BOUNDS = { maxRooms: 1000, maxMembers: 100 };

const member = (id: string, joinedAt = 7, node = 'a'): RoomMember => ({ id, node, joinedAt });
const entry = (id: string, more: Partial<RoomEntry> = {}): RoomEntry => ({
  id,
  mayCreate: true,
  maxMembers: 100,
  ...more,
});

/** Declares the tests of RoomStore.enter and RoomStore.existing. */
export function describeEntering(runner: TestRunner, open: OpenNodes): void {
  describeSuite(runner, 'RoomStore: entering several rooms', open, declareEntering);
  describeSuite(runner, 'RoomStore: entering all rooms or none', open, declareAtomicity);
}

function declareEntering(it: DeclareTest): void {
  it('adds a client to several rooms, and returns them in the requested order', async ({ a, b }) => {
    await a.rooms.create({ realm: 'r', id: 'old', name: 'N' }, member('c'), BOUNDS);
    const d = member('d', 7, 'b');
    const entered = await b.rooms.enter('r', [entry('z'), entry('old'), entry('a')], d, BOUNDS);
    const found = entered.map(({ room, isNew }) => [room.id, room.name, room.creator, membersOf(room), isNew]);
    equal(found, [
      ['z', 'z', undefined, ['d'], true],
      ['old', 'N', 'c', ['c', 'd'], true],
      ['a', 'a', undefined, ['d'], true],
    ]);
    for (const { room } of entered) {
      equal(await a.rooms.find('r', room.id), room);
      assert.equal(room.since, 7);
    }
    equal(idsOf((await a.rooms.list({ limit: 10 })).items), ['old', 'z', 'a']);
  });

  it('finds out which rooms exist', async ({ a: { rooms } }) => {
    const entries = NAMES.map((id) => entry(id));
    await rooms.enter('r', entries, member('c'), BOUNDS);
    await rooms.enter('other', [entry('y')], member('c'), BOUNDS);
    equal([...(await rooms.existing('r', ['y', ...NAMES, 'gone']))], NAMES);
    assert.equal((await rooms.existing('r', [])).size, 0);
  });

  it('does nothing for no rooms', async ({ a: { rooms } }) => {
    equal(await rooms.enter('r', [], member('c'), BOUNDS), []);
    equal((await rooms.list({ limit: 10 })).items, []);
  });

  it('changes only the attributes of a client that is a member already', async ({ a: { rooms } }) => {
    await rooms.enter('r', [entry('x', { attributes: { a: 1, b: 2 } })], member('c', 1), BOUNDS);
    const [before] = await rooms.enter('r', [entry('x', { attributes: { d: 1 } })], member('d', 2), BOUNDS);
    const attributes = { b: { n: [null] } };
    const [again] = await rooms.enter('r', [entry('x', { attributes })], member('c', 99), BOUNDS);
    assert.ok(before && again);
    assert.equal(again.isNew, false);
    equal(again.room.members, [
      { ...member('c', 1), attributes },
      { ...member('d', 2), attributes: { d: 1 } },
    ]);
    assert.ok(again.room.version > before.room.version);
    assert.equal(again.room.since, before.room.since);
  });

  it('accepts a member in a full room, and in one that may not be created', async ({ a: { rooms } }) => {
    await rooms.enter('r', [entry('x')], member('c'), BOUNDS);
    const small = entry('x', { maxMembers: 1, mayCreate: false, attributes: { a: 1 } });
    const [entered] = await rooms.enter('r', [small], member('c'), { maxRooms: 1, maxMembers: 1 });
    equal(entered?.room.members, [{ ...member('c'), attributes: { a: 1 } }]);
  });

  it('accepts any string as id, and separates realms', async ({ a: { rooms } }) => {
    for (const realm of ['r', '__proto__']) {
      const entries = NAMES.map((id) => entry(id));
      const entered = await rooms.enter(realm, entries, member('c'), BOUNDS);
      const found = entered.map(({ room, isNew }) => [room.realm, room.id, isNew]);
      equal(found, NAMES.map((id) => [realm, id, true])); // prettier-ignore
    }
    assert.equal(await rooms.find('s', 'x'), undefined);
  });

  it('creates rooms without a creator, which no client may end', async ({ a: { rooms } }) => {
    await rooms.enter('r', [entry('x')], member('c'), BOUNDS);
    await refused(rooms.end('r', 'x', 'c'), 'NOT_ROOM_CREATOR', { room: 'x' });
    equal(membersOf(await rooms.leave('r', 'x', 'c')), []);
    assert.equal(await rooms.find('r', 'x'), undefined);
  });
}

function declareAtomicity(it: DeclareTest): void {
  it('changes nothing if one of the rooms cannot be entered', async ({ a: { rooms } }) => {
    for (const id of ['x', 'full']) {
      await rooms.enter('r', [entry(id)], member('c'), BOUNDS);
      await rooms.enter('r', [entry(id)], member('d'), BOUNDS);
    }
    await rooms.enter('r', [entry('mine', { attributes: { a: 1 } })], member('e'), BOUNDS);
    const state = async () => (await rooms.list({ limit: 100 })).items;
    const before = await state();
    const enter = (entries: RoomEntry[], bounds = BOUNDS) => rooms.enter('r', entries, member('e'), bounds);
    const [x, mine, made] = [entry('x'), entry('mine', { attributes: { a: 2 } }), entry('new')];

    const missing = entry('missing', { mayCreate: false });
    for (const entries of [[missing], [x, mine, made, missing], [missing, x, mine, made]]) {
      await refused(enter(entries), 'ROOM_NOT_FOUND', { room: 'missing' });
      equal(await state(), before);
    }
    const full = { what: 'members of a room', limit: 2 };
    const fullEntry = entry('full', { maxMembers: 2 });
    for (const entries of [
      [x, mine, made, fullEntry],
      [fullEntry, made],
    ]) {
      await refused(enter(entries), 'LIMIT_REACHED', full);
      equal(await state(), before);
    }
    // The smaller of two bounds applies.
    await refused(enter([made, x], { maxRooms: 1000, maxMembers: 2 }), 'LIMIT_REACHED', full);
    const tooMany = enter([x, mine, made, entry('b')], { ...BOUNDS, maxRooms: 4 });
    await refused(tooMany, 'LIMIT_REACHED', { what: 'rooms', limit: 4 });
    equal(await state(), before);
    for (const id of ['new', 'b', 'missing']) assert.equal(await rooms.find('r', id), undefined);
    assert.equal((await enter([x, mine, made], { ...BOUNDS, maxRooms: 4 })).length, 3);
  });

  it('bounds a room that 100 clients enter concurrently', async ({ a, b }) => {
    const room = entry('x', { maxMembers: 10 });
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, (_, i) => {
        const [node, { rooms }] = i % 2 ? (['b', b] as const) : (['a', a] as const);
        return rooms.enter('r', [entry(`own${i}`), room], member(`c${i}`, 7, node), BOUNDS);
      }),
    );
    const entered = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    assert.equal(entered.length, 10);
    const inside = (await a.rooms.find('r', 'x'))?.members ?? [];
    assert.equal(new Set(idsOf(inside)).size, 10);
    assert.equal(new Set(entered.map((both) => both[1]?.room.version)).size, 10);
    // A refused client has not created its own room either.
    assert.equal((await a.rooms.list({ limit: 1000 })).items.length, 11);
  });

  it('creates a room once for 50 concurrent entries', async ({ a, b }) => {
    const entries = [entry('a'), entry('b')];
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => {
        const [node, { rooms }] = i % 2 ? (['b', b] as const) : (['a', a] as const);
        return rooms.enter('r', entries, member(`c${i}`, 7, node), BOUNDS);
      }),
    );
    for (const id of ['a', 'b']) assert.equal((await a.rooms.find('r', id))?.members.length, 50);
    assert.equal((await a.rooms.list({ limit: 100 })).items.length, 2);
  });
}
