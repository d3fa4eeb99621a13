import type { RoomChange, RoomMember } from '../../src/common/room.js';
import type { RoomStore } from '../../src/rooms/room-store.js';
import { refused } from './support.js';

const BOUNDS = { maxRooms: 1000, maxMembers: 100 };

interface Stores {
  readonly rooms: RoomStore;
  readonly roomsOfB: RoomStore;
}

/** What a node has heard, as `KIND CLIENT ROOM[MEMBERS]`; what belongs together in one line. */
function listen(store: RoomStore, node: string): string[] {
  const heard: string[] = [];
  const text = ({ kind, client = '-', room: { id, members } }: RoomChange): string =>
    `${kind} ${client} ${id}[${members.map((member) => member.id).join()}]`;
  store.listen(node, (changes) => heard.push(changes.map(text).join('; ')));
  return heard;
}

const of = (node: string) => (id: string): RoomMember => ({ id, node, joinedAt: 7 }); // prettier-ignore
const [a, b] = [of('a'), of('b')];

/** Waits until a node has heard so much: what others have changed comes when it comes. */
async function until(heard: readonly string[], count: number): Promise<void> {
  while (heard.length < count) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** RoomStore.listen, move and restore, with two nodes. */
export function describeChanges(open: () => Promise<Stores>): void {
  it('tells each node with members of every change, its own before the operation has ended', async () => {
    const { rooms, roomsOfB } = await open();
    const [heardA, heardB] = [listen(rooms, 'a'), listen(roomsOfB, 'b')];
    await rooms.create({ realm: 'r', id: 'x', name: '' }, a('c'), BOUNDS);
    expect(heardA).toEqual(['created c x[c]']);
    await roomsOfB.join('r', 'x', b('d'), BOUNDS);
    expect(heardB).toEqual(['joined d x[c,d]']);
    await until(heardA, 2);
    await rooms.enter('r', [{ id: 'x', mayCreate: false, maxMembers: 9, attributes: { n: 1 } }], a('e'), BOUNDS);
    await rooms.setMemberAttributes('r', 'e', new Map([['x', { n: 2 }]]));
    await rooms.setAttributes('r', 'x', { a: 1 });
    await rooms.leave('r', 'x', 'c');
    await roomsOfB.leave('r', 'x', 'd');
    await rooms.end('r', 'x');
    expect(heardA).toEqual([
      'created c x[c]',
      'joined d x[c,d]',
      'joined e x[c,d,e]',
      'updated e x[c,d,e]',
      'updated - x[c,d,e]',
      'left c x[d,e]',
      'left d x[e]',
      'ended - x[e]',
    ]);
    // The last one is no member's any more.
    await until(heardB, 6);
    expect(heardB).toEqual([heardA[1], ...heardA.slice(2, 7)]);
  });

  it('tells a node of the end of a room, and of a member of its own that another node takes out', async () => {
    const { rooms, roomsOfB } = await open();
    const heardB = listen(roomsOfB, 'b');
    await roomsOfB.create({ realm: 'r', id: 'x', name: '' }, b('c'), BOUNDS);
    await roomsOfB.join('r', 'x', b('d'), BOUNDS);
    expect((await rooms.leave('r', 'x', 'd')).members.map(({ id }) => id)).toEqual(['c']);
    expect((await rooms.end('r', 'x')).members.map(({ id }) => id)).toEqual(['c']);
    await until(heardB, 4);
    expect(heardB.slice(2)).toEqual(['left d x[c]', 'ended - x[c]']);
    await refused(roomsOfB.leave('r', 'x', 'c'), 'ROOM_NOT_FOUND', { room: 'x' });
  });

  it('tells of attributes in several rooms at once', async () => {
    const { rooms } = await open();
    for (const id of ['x', 'y', 'z']) await rooms.create({ realm: 'r', id, name: '' }, a('c'), BOUNDS);
    const heard = listen(rooms, 'a');
    await rooms.setMemberAttributes('r', 'c', new Map([['x', { n: 1 }], ['z', { n: 1 }]])); // prettier-ignore
    expect(heard).toEqual(['updated c x[c]; updated c z[c]']);
  });

  it('moves a client with its place, its attributes and its rights, and tells both nodes', async () => {
    const { rooms, roomsOfB } = await open();
    await rooms.create({ realm: 'r', id: 'x', name: 'N' }, a('c'), BOUNDS);
    await rooms.join('r', 'x', a('d'), BOUNDS);
    await rooms.setMemberAttributes('r', 'c', new Map([['x', { n: 1 }]]));
    await rooms.create({ realm: 'r', id: 'y', name: '' }, a('d'), BOUNDS);
    const [heardA, heardB] = [listen(rooms, 'a'), listen(roomsOfB, 'b')];
    const moved = await roomsOfB.move('r', 'c', 'b', ['x', 'y', 'z']);
    expect(moved.map(({ id, creator, members }) => [id, creator, members])).toEqual([
      ['x', 'c', [{ ...b('c'), attributes: { n: 1 } }, a('d')]],
    ]);
    expect(await rooms.find('r', 'x')).toEqual(moved[0]);
    await until(heardA, 1);
    expect([heardA, heardB]).toEqual([['moved c x[c,d]'], ['moved c x[c,d]']]);
    await roomsOfB.end('r', 'x', 'c');
    await until(heardA, 2);
    expect(heardA[1]).toBe('ended - x[c,d]');
  });

  it('takes out members whom their node does not know', async () => {
    const { rooms, roomsOfB } = await open();
    await rooms.create({ realm: 'r', id: 'x', name: 'N' }, a('c'), BOUNDS);
    await roomsOfB.join('r', 'x', b('d'), BOUNDS);
    await rooms.join('r', 'x', a('gone'), BOUNDS);
    await rooms.create({ realm: 'r', id: 'y', name: 'Y' }, a('e'), BOUNDS);
    const heardB = listen(roomsOfB, 'b');
    await rooms.restore('a', (_realm, room, id) => room === 'x' && id !== 'gone');
    expect((await rooms.find('r', 'x'))?.members.map(({ id }) => id)).toEqual(['c', 'd']);
    expect(await rooms.find('r', 'y')).toBeUndefined();
    await until(heardB, 1);
    expect(heardB).toEqual(['left gone x[c,d]']);
  });
}
