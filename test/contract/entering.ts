import { groupRoom } from '../../src/common/group.js';
import type { Room, RoomMember } from '../../src/common/room.js';
import type { RoomEntry, RoomStore } from '../../src/rooms/room-store.js';
import { NAMES, refused } from './support.js';

const BOUNDS = { maxRooms: 1000, maxMembers: 100 };

const member = (id: string, joinedAt = 7): RoomMember => ({ id, node: 'a', joinedAt });
const entry = (id: string, more: Partial<RoomEntry> = {}): RoomEntry => ({
  id,
  mayCreate: true,
  maxMembers: 100,
  ...more,
});
const idsOf = (room: Room | undefined): string[] | undefined => room?.members.map(({ id }) => id);

/** RoomStore.enter, attributes of rooms and members, and rooms of groups. */
export function describeEntering(open: () => Promise<RoomStore>): void {
  it('adds a client to several rooms, and returns them in the requested order', async () => {
    const rooms = await open();
    await rooms.create({ realm: 'r', id: 'old', name: 'N' }, member('c'), BOUNDS);
    const entered = await rooms.enter('r', [entry('z'), entry('old'), entry('a')], member('d'), BOUNDS);
    expect(entered.map(({ room, isNew }) => [room.id, room.name, room.creator, idsOf(room), isNew])).toEqual([
      ['z', 'z', undefined, ['d'], true],
      ['old', 'N', 'c', ['c', 'd'], true],
      ['a', 'a', undefined, ['d'], true],
    ]);
    for (const { room } of entered) {
      expect(await rooms.find('r', room.id)).toEqual(room);
      expect(room.since).toBe(7);
    }
    expect((await rooms.list({ limit: 10 })).items.map(({ id }) => id)).toEqual(['old', 'z', 'a']);
  });

  it('finds out which rooms exist', async () => {
    const rooms = await open();
    await rooms.enter(
      'r',
      NAMES.map((id) => entry(id)),
      member('c'),
      BOUNDS,
    );
    await rooms.enter('other', [entry('y')], member('c'), BOUNDS);
    expect([...(await rooms.existing('r', ['y', ...NAMES, 'gone']))]).toEqual(NAMES);
    expect((await rooms.existing('r', [])).size).toBe(0);
  });

  it('does nothing for no rooms', async () => {
    const rooms = await open();
    expect(await rooms.enter('r', [], member('c'), BOUNDS)).toEqual([]);
    expect((await rooms.list({ limit: 10 })).items).toEqual([]);
  });

  it('changes only the attributes of a client that is a member already', async () => {
    const rooms = await open();
    await rooms.enter('r', [entry('x', { attributes: { a: 1, b: 2 } })], member('c', 1), BOUNDS);
    const [{ room: before }] = await rooms.enter('r', [entry('x', { attributes: { d: 1 } })], member('d', 2), BOUNDS);
    const again = member('c', 99);
    const [{ room, isNew }] = await rooms.enter('r', [entry('x', { attributes: { b: { n: [null] } } })], again, BOUNDS);
    expect(isNew).toBe(false);
    expect(room.members).toEqual([
      { ...member('c', 1), attributes: { b: { n: [null] } } },
      { ...member('d', 2), attributes: { d: 1 } },
    ]);
    expect(room.version).toBeGreaterThan(before.version);
    expect(room.since).toBe(before.since);
  });

  it('accepts a member in a full room, and in one that may not be created', async () => {
    const rooms = await open();
    await rooms.enter('r', [entry('x')], member('c'), BOUNDS);
    const small = entry('x', { maxMembers: 1, mayCreate: false, attributes: { a: 1 } });
    const [{ room }] = await rooms.enter('r', [small], member('c'), { maxRooms: 1, maxMembers: 1 });
    expect(room.members).toEqual([{ ...member('c'), attributes: { a: 1 } }]);
  });

  it('changes nothing if one of the rooms cannot be entered', async () => {
    const rooms = await open();
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
      expect(await state()).toEqual(before);
    }
    const full = { what: 'members of a room', limit: 2 };
    for (const entries of [
      [x, mine, made, entry('full', { maxMembers: 2 })],
      [entry('full', { maxMembers: 2 }), made],
    ]) {
      await refused(enter(entries), 'LIMIT_REACHED', full);
      expect(await state()).toEqual(before);
    }
    // The smaller of two bounds applies.
    await refused(enter([made, x], { maxRooms: 1000, maxMembers: 2 }), 'LIMIT_REACHED', full);
    await refused(enter([x, mine, made, entry('b')], { ...BOUNDS, maxRooms: 4 }), 'LIMIT_REACHED', { what: 'rooms', limit: 4 }); // prettier-ignore
    expect(await state()).toEqual(before);
    for (const id of ['new', 'b', 'missing']) expect(await rooms.find('r', id)).toBeUndefined();
    expect(await enter([x, mine, made], { ...BOUNDS, maxRooms: 4 })).toHaveLength(3);
  });

  it('bounds a room that 100 clients enter concurrently', async () => {
    const rooms = await open();
    const room = entry('x', { maxMembers: 10 });
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, (_, i) => rooms.enter('r', [entry(`own${i}`), room], member(`c${i}`), BOUNDS)),
    );
    const entered = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(entered).toHaveLength(10);
    const inside = (await rooms.find('r', 'x'))?.members ?? [];
    expect(new Set(inside.map(({ id }) => id)).size).toBe(10);
    expect(new Set(entered.map((both) => both[1].room.version)).size).toBe(10);
    // A refused client has not created its own room either.
    expect((await rooms.list({ limit: 1000 })).items).toHaveLength(11);
  });

  it('creates a room once for 50 concurrent entries', async () => {
    const rooms = await open();
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => rooms.enter('r', [entry('a'), entry('b')], member(`c${i}`), BOUNDS)),
    );
    for (const id of ['a', 'b']) expect((await rooms.find('r', id))?.members).toHaveLength(50);
    expect((await rooms.list({ limit: 100 })).items).toHaveLength(2);
  });

  it('accepts any string as id, and separates realms', async () => {
    const rooms = await open();
    for (const realm of ['r', '__proto__']) {
      const entered = await rooms.enter(realm, NAMES.map((id) => entry(id)), member('c'), BOUNDS); // prettier-ignore
      expect(entered.map(({ room, isNew }) => [room.realm, room.id, isNew])).toEqual(
        NAMES.map((id) => [realm, id, true]),
      );
    }
    expect(await rooms.find('s', 'x')).toBeUndefined();
  });

  it('creates rooms without a creator, which no client may end', async () => {
    const rooms = await open();
    await rooms.enter('r', [entry('x')], member('c'), BOUNDS);
    await refused(rooms.end('r', 'x', 'c'), 'NOT_ROOM_CREATOR', { room: 'x' });
    expect(idsOf(await rooms.leave('r', 'x', 'c'))).toEqual([]);
    expect(await rooms.find('r', 'x')).toBeUndefined();
  });

  it('sets attributes of a member in the given rooms only', async () => {
    const rooms = await open();
    await rooms.enter('r', [entry('x', { attributes: { a: 1 } }), entry('y', { attributes: { a: 1 } })], member('c'), BOUNDS); // prettier-ignore
    const [{ room: before }] = await rooms.enter('r', [entry('x')], member('d'), BOUNDS);
    const attributes = JSON.parse('{"__proto__":{"a":null},"b":[1,{"€":""}]}') as Record<string, unknown>;
    const [after] = await rooms.setMemberAttributes('r', 'c', new Map([['x', attributes]]));
    expect(after.members.map(({ id, joinedAt }) => [id, joinedAt])).toEqual([['c', 7], ['d', 7]]); // prettier-ignore
    expect(JSON.stringify(after.members[0].attributes)).toBe(JSON.stringify(attributes));
    expect(after.members[1].attributes).toBeUndefined();
    expect(after.version).toBeGreaterThan(before.version);
    expect(await rooms.find('r', 'x')).toEqual(after);
    expect((await rooms.find('r', 'y'))?.members[0].attributes).toEqual({ a: 1 });
    expect(await rooms.setMemberAttributes('r', 'e', new Map([['x', {}]]))).toEqual([]);
    expect(await rooms.setMemberAttributes('s', 'c', new Map([['x', {}]]))).toEqual([]);
    expect(await rooms.find('r', 'x')).toEqual(after);
    const both = new Map([['y', { n: 1 }], ['z', {}], ['x', { n: 2 }]]); // prettier-ignore
    const changed = await rooms.setMemberAttributes('r', 'c', both);
    expect(changed.map(({ id, members }) => [id, members[0].attributes])).toEqual([['y', { n: 1 }], ['x', { n: 2 }]]); // prettier-ignore
  });

  it('keeps attributes of a room until it ends', async () => {
    const rooms = await open();
    await rooms.enter('r', [entry('x', { attributes: { a: 1 } }), entry('y')], member('c'), BOUNDS);
    const first = await rooms.setAttributes('r', 'x', { field: { f: [1] }, more: 1 });
    const second = await rooms.setAttributes('r', 'x', { field: {} });
    expect([first.attributes, second.attributes]).toEqual([{ field: { f: [1] }, more: 1 }, { field: {} }]);
    expect(second.version).toBeGreaterThan(first.version);
    expect(second.members).toEqual([{ ...member('c'), attributes: { a: 1 } }]);
    const joined = await rooms.join('r', 'x', member('d'), BOUNDS);
    expect(joined.attributes).toEqual({ field: {} });
    expect((await rooms.find('r', 'y'))?.attributes).toBeUndefined();
    await refused(rooms.setAttributes('r', 'z', {}), 'ROOM_NOT_FOUND', { room: 'z' });
    await refused(rooms.setAttributes('s', 'x', {}), 'ROOM_NOT_FOUND', { room: 'x' });
    await rooms.end('r', 'x');
    const [{ room }] = await rooms.enter('r', [entry('x')], member('c'), BOUNDS);
    expect(room.attributes).toBeUndefined();
    expect(room.members).toEqual([member('c')]);
  });

  it('skips rooms of groups in pages', async () => {
    const rooms = await open();
    const ids = ['a', groupRoom('g'), groupRoom(''), 'b', groupRoom('h'), 'group/g', 'c'];
    await rooms.enter('r', ids.map((id) => entry(id)), member('c'), BOUNDS); // prettier-ignore
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await rooms.list({ realm: 'r', limit: 1, cursor });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(['a', 'b', 'group/g', 'c']);
    expect(idsOf(await rooms.find('r', groupRoom('g')))).toEqual(['c']);
    await rooms.leave('r', groupRoom('g'), 'c');
    expect(await rooms.find('r', groupRoom('g'))).toBeUndefined();
  });
}
