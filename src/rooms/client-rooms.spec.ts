import { deliveries, type MemoryClient, MemoryCluster, MemoryNode } from '../../test/support/memory-nodes.js';
import type { Attributes } from '../common/attributes.js';
import { groupRoom } from '../common/group.js';
import type { RoomEntry } from './room-store.js';

async function connect(node: MemoryNode, id: string): Promise<MemoryClient> {
  const client = await node.connect(id);
  client.news();
  return client;
}

const entry = (id: string, attributes?: Attributes, more: Partial<RoomEntry> = {}): RoomEntry => ({
  id,
  attributes,
  mayCreate: true,
  maxMembers: 100,
  ...more,
});

describe.each([1, 2])('RoomsService on %i nodes', (count) => {
  let cluster: MemoryCluster;
  let here: MemoryNode;
  let there: MemoryNode;
  let ann: MemoryClient;
  let bob: MemoryClient;

  beforeEach(async () => {
    cluster = new MemoryCluster({ maxRoomsJoinedPerClient: 5, maxIdLength: 40 });
    here = new MemoryNode('here', cluster);
    there = count === 1 ? here : new MemoryNode('there', cluster);
    ann = await connect(here, 'ann');
    bob = await connect(there, 'bob');
  });

  async function bothIn(...ids: string[]): Promise<void> {
    await here.rooms.enter(ann, ids.map((id) => entry(id))); // prettier-ignore
    await there.rooms.enter(bob, ids.map((id) => entry(id))); // prettier-ignore
    await deliveries();
    ann.news();
    bob.news();
  }

  it('adds a client to several rooms, and notifies the members of each', async () => {
    await here.rooms.enter(ann, [entry('x', { a: 1 })]);
    await deliveries();
    expect(ann.news()).toEqual(['x joined ann [ann{"a":1}]']);
    const rooms = await there.rooms.enter(bob, [entry('y'), entry('x', { b: 1 })]);
    await deliveries();
    expect(rooms.map(({ id, members }) => [id, members.length])).toEqual([['y', 1], ['x', 2]]); // prettier-ignore
    expect(ann.news()).toEqual(['x joined bob [ann{"a":1},bob{"b":1}]']);
    expect(bob.news().sort()).toEqual(['x joined bob [ann{"a":1},bob{"b":1}]', 'y joined bob [bob]']);
    expect([[...ann.rooms], [...bob.rooms]]).toEqual([['x'], ['y', 'x']]);
    expect(here.rooms.findJoined(ann, 'x')?.members).toHaveLength(2);
    expect(here.rooms.findJoined(ann, 'y')).toBeUndefined();
    expect(bob.createdRooms.size).toBe(0);
  });

  it('reports a client that was already in a room as updated', async () => {
    await bothIn('x');
    await there.rooms.enter(bob, [entry('x', { b: 2 }), entry('new')]);
    await deliveries();
    expect(ann.news()).toEqual(['x updated bob [ann,bob{"b":2}]']);
    expect(bob.news().sort()).toEqual(['new joined bob [bob]', 'x updated bob [ann,bob{"b":2}]']);
  });

  it('changes nothing if one of the rooms cannot be entered', async () => {
    await bothIn('x', 'full');
    const cleo = await connect(there, 'cleo');
    for (const [bad, code] of [
      [entry('missing', {}, { mayCreate: false }), 'ROOM_NOT_FOUND'],
      [entry('full', {}, { maxMembers: 2 }), 'LIMIT_REACHED'],
      [entry('i'.repeat(41)), 'LIMIT_REACHED'],
      [entry(groupRoom('g')), 'ROOM_NOT_FOUND'],
    ] as const) {
      for (const entries of [
        [entry('x'), entry('new'), bad],
        [bad, entry('x')],
      ]) {
        await expect(there.rooms.enter(cleo, entries, { groups: ['g'] })).rejects.toMatchObject({ code });
      }
    }
    await deliveries();
    expect([...ann.news(), ...bob.news(), ...cleo.news(), ...cleo.rooms]).toEqual([]);
    expect(await here.allRooms.find('realm', 'new')).toBeUndefined();
    expect(await here.allRooms.find('realm', groupRoom('g'))).toBeUndefined();
  });

  it('limits the number of rooms that a client is in', async () => {
    await bothIn('1', '2', '3', '4');
    const more = (...ids: string[]) => here.rooms.enter(ann, ids.map((id) => entry(id))); // prettier-ignore
    await expect(more('5', '6')).rejects.toMatchObject({ code: 'LIMIT_REACHED', data: { limit: 5 } });
    expect(ann.rooms.size).toBe(4);
    await more('1', '2', '3', '4', '5');
    expect(ann.rooms.size).toBe(5);
  });

  it('delivers new attributes of a member in all its rooms at once', async () => {
    await bothIn('x', 'y');
    const cleo = await connect(there, 'cleo');
    await there.rooms.enter(cleo, [entry('y'), entry('z')]);
    await deliveries();
    for (const client of [ann, bob, cleo]) client.news();
    const attributes = new Map(['x', 'y', 'z', 'none'].map((id) => [id, { in: id }]));
    const rooms = await there.rooms.setMemberAttributes(bob, attributes);
    await deliveries();
    expect(rooms.map(({ id }) => id)).toEqual(['x', 'y']);
    const both = 'x updated bob [ann,bob{"in":"x"}]; y updated bob [ann,bob{"in":"y"},cleo]';
    expect(ann.news()).toEqual([both]);
    expect(bob.news()).toEqual([both]);
    expect(cleo.news()).toEqual(['y updated bob [ann,bob{"in":"y"},cleo]']);
    expect(await there.rooms.setMemberAttributes(bob, new Map([['none', {}]]))).toEqual([]);
    await deliveries();
    expect([...ann.news(), ...bob.news(), ...cleo.news()]).toEqual([]);
  });

  it('delivers new attributes of a room', async () => {
    await bothIn('x', 'y');
    await here.allRooms.setAttributes('realm', 'x', { field: 1 });
    await deliveries();
    for (const client of [ann, bob]) expect(client.news()).toEqual(['x updated {"field":1} [ann,bob]']);
    expect(there.rooms.findJoined(bob, 'x')?.attributes).toEqual({ field: 1 });
    await expect(here.allRooms.setAttributes('realm', 'none', {})).rejects.toMatchObject({ code: 'ROOM_NOT_FOUND' });
  });

  it('delivers changes in order', async () => {
    await here.rooms.enter(ann, [entry('x')]);
    ann.news();
    await there.rooms.enter(bob, [entry('x')]);
    await there.rooms.setMemberAttributes(bob, new Map([['x', { n: 1 }]]));
    await there.rooms.setMemberAttributes(bob, new Map([['x', { n: 2 }]]));
    await there.rooms.leave(bob, 'x');
    await deliveries();
    expect(ann.news()).toEqual([
      'x joined bob [ann,bob]',
      'x updated bob [ann,bob{"n":1}]',
      'x updated bob [ann,bob{"n":2}]',
      'x left bob [ann]',
    ]);
    expect(there.rooms.findJoined(bob, 'x')).toBeUndefined();
  });

  it('keeps the members of groups, and reports them to no client', async () => {
    await here.rooms.enter(ann, [entry('x')], { groups: ['g', '__proto__'] });
    const rooms = await there.rooms.enter(bob, [], { groups: ['g'] });
    await deliveries();
    expect(rooms).toEqual([]);
    expect(ann.news()).toEqual(['x joined ann [ann]']);
    expect(bob.news()).toEqual([]);
    expect(here.rooms.joinedBy(ann)).toEqual(['x']);
    expect([...bob.rooms]).toEqual([groupRoom('g')]);
    for (const [node, client] of [
      [here, ann],
      [there, bob],
    ] as const) {
      expect(node.rooms.findJoined(client, groupRoom('g'))?.members.map(({ id }) => id)).toEqual(['ann', 'bob']);
      await expect(node.rooms.join(client, groupRoom('h'))).rejects.toMatchObject({ code: 'ROOM_NOT_FOUND' });
      await expect(node.rooms.create(client, { id: groupRoom('h') })).rejects.toMatchObject({ code: 'ROOM_NOT_FOUND' });
    }
    expect((await there.allRooms.list({ limit: 10 })).items.map(({ id }) => id)).toEqual(['x']);
    await here.rooms.leaveAll(ann);
    await deliveries();
    expect(there.rooms.findJoined(bob, groupRoom('g'))?.members.map(({ id }) => id)).toEqual(['bob']);
    expect([...ann.news(), ...bob.news()]).toEqual([]);
    expect(await here.allRooms.find('realm', groupRoom('__proto__'))).toBeUndefined();
  });

  it('does not count groups to the rooms of a client', async () => {
    await here.rooms.enter(ann, [], { groups: ['g', 'h', 'i'] });
    await here.rooms.enter(ann, ['1', '2', '3', '4', '5'].map((id) => entry(id))); // prettier-ignore
    expect(here.rooms.joinedBy(ann)).toHaveLength(5);
  });
});
