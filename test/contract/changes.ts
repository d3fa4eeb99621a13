import type { RoomChange, RoomMember } from '../../src/common/room.js';
import type { RoomStore } from '../../src/rooms/room-store.js';
import { refused } from './support.js';

const BOUNDS = { maxRooms: 1000, maxMembers: 100 };

interface Stores {
  readonly rooms: RoomStore;
  readonly roomsOfB: RoomStore;
}

/**
 * Returns the changes announced to a node, each as `KIND CLIENT ROOM[MEMBERS]`, with those announced together in one
 * line.
 */
function listen(store: RoomStore, node: string): string[] {
  const announced: string[] = [];
  const text = ({ kind, client = '-', room: { id, members } }: RoomChange): string =>
    `${kind} ${client} ${id}[${members.map((member) => member.id).join()}]`;
  store.listen(node, (changes) => announced.push(changes.map(text).join('; ')));
  return announced;
}

const of = (node: string) => (id: string): RoomMember => ({ id, node, joinedAt: 7 }); // prettier-ignore
const [a, b] = [of('a'), of('b')];

/** Waits for a number of announcements: those of another node's changes arrive later. */
async function until(announced: readonly string[], count: number): Promise<void> {
  while (announced.length < count) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** RoomStore.listen, move and restore on two nodes. */
export function describeChanges(open: () => Promise<Stores>): void {
  it('announces every change to each node with members, and its own before the operation resolves', async () => {
    const { rooms, roomsOfB } = await open();
    const [toA, toB] = [listen(rooms, 'a'), listen(roomsOfB, 'b')];
    await rooms.create({ realm: 'r', id: 'x', name: '' }, a('c'), BOUNDS);
    expect(toA).toEqual(['created c x[c]']);
    await roomsOfB.join('r', 'x', b('d'), BOUNDS);
    expect(toB).toEqual(['joined d x[c,d]']);
    await until(toA, 2);
    await rooms.enter('r', [{ id: 'x', mayCreate: false, maxMembers: 9, attributes: { n: 1 } }], a('e'), BOUNDS);
    await rooms.setMemberAttributes('r', 'e', new Map([['x', { n: 2 }]]));
    await rooms.setAttributes('r', 'x', { a: 1 });
    await rooms.leave('r', 'x', 'c');
    await roomsOfB.leave('r', 'x', 'd');
    await rooms.end('r', 'x');
    expect(toA).toEqual([
      'created c x[c]',
      'joined d x[c,d]',
      'joined e x[c,d,e]',
      'updated e x[c,d,e]',
      'updated - x[c,d,e]',
      'left c x[d,e]',
      'left d x[e]',
      'ended - x[e]',
    ]);
    // Node b has no member any more when the room ends.
    await until(toB, 6);
    expect(toB).toEqual([toA[1], ...toA.slice(2, 7)]);
  });

  it('announces to a node the end of a room, and the removal of its member, by another node', async () => {
    const { rooms, roomsOfB } = await open();
    const toB = listen(roomsOfB, 'b');
    await roomsOfB.create({ realm: 'r', id: 'x', name: '' }, b('c'), BOUNDS);
    await roomsOfB.join('r', 'x', b('d'), BOUNDS);
    expect((await rooms.leave('r', 'x', 'd')).members.map(({ id }) => id)).toEqual(['c']);
    expect((await rooms.end('r', 'x')).members.map(({ id }) => id)).toEqual(['c']);
    await until(toB, 4);
    expect(toB.slice(2)).toEqual(['left d x[c]', 'ended - x[c]']);
    await refused(roomsOfB.leave('r', 'x', 'c'), 'ROOM_NOT_FOUND', { room: 'x' });
  });

  it('announces attributes in several rooms together', async () => {
    const { rooms } = await open();
    for (const id of ['x', 'y', 'z']) await rooms.create({ realm: 'r', id, name: '' }, a('c'), BOUNDS);
    const announced = listen(rooms, 'a');
    await rooms.setMemberAttributes('r', 'c', new Map([['x', { n: 1 }], ['z', { n: 1 }]])); // prettier-ignore
    expect(announced).toEqual(['updated c x[c]; updated c z[c]']);
  });

  it('moves a client with its place, attributes and rights, and announces that to both nodes', async () => {
    const { rooms, roomsOfB } = await open();
    await rooms.create({ realm: 'r', id: 'x', name: 'N' }, a('c'), BOUNDS);
    await rooms.join('r', 'x', a('d'), BOUNDS);
    await rooms.setMemberAttributes('r', 'c', new Map([['x', { n: 1 }]]));
    await rooms.create({ realm: 'r', id: 'y', name: '' }, a('d'), BOUNDS);
    const [toA, toB] = [listen(rooms, 'a'), listen(roomsOfB, 'b')];
    const moved = await roomsOfB.move('r', 'c', 'b', ['x', 'y', 'z']);
    expect(moved.map(({ id, creator, members }) => [id, creator, members])).toEqual([
      ['x', 'c', [{ ...b('c'), attributes: { n: 1 } }, a('d')]],
    ]);
    expect(await rooms.find('r', 'x')).toEqual(moved[0]);
    await until(toA, 1);
    expect([toA, toB]).toEqual([['moved c x[c,d]'], ['moved c x[c,d]']]);
    await roomsOfB.end('r', 'x', 'c');
    await until(toA, 2);
    expect(toA[1]).toBe('ended - x[c,d]');
  });

  it('restores a node: removes members that it no longer has', async () => {
    const { rooms, roomsOfB } = await open();
    await rooms.create({ realm: 'r', id: 'x', name: 'N' }, a('c'), BOUNDS);
    await roomsOfB.join('r', 'x', b('d'), BOUNDS);
    await rooms.join('r', 'x', a('gone'), BOUNDS);
    await rooms.create({ realm: 'r', id: 'y', name: 'Y' }, a('e'), BOUNDS);
    const toB = listen(roomsOfB, 'b');
    await rooms.restore('a', (_realm, room, id) => room === 'x' && id !== 'gone');
    expect((await rooms.find('r', 'x'))?.members.map(({ id }) => id)).toEqual(['c', 'd']);
    expect(await rooms.find('r', 'y')).toBeUndefined();
    await until(toB, 1);
    expect(toB).toEqual(['left gone x[c,d]']);
  });
}
