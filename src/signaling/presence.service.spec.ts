import { deliveries, MemoryCluster, MemoryNode } from '../../test/support/memory-nodes.js';

describe.each([1, 2])('PresenceService on %i nodes', (count) => {
  let cluster: MemoryCluster;
  let here: MemoryNode;
  let there: MemoryNode;

  beforeEach(() => {
    cluster = new MemoryCluster({ queueTtlMs: 1 });
    here = new MemoryNode('here', cluster);
    there = count === 1 ? here : new MemoryNode('there', cluster);
  });

  it('keeps a client that takes its id over in its rooms, without a notice to other members', async () => {
    const first = await here.connect('ann');
    const bob = await here.connect('bob');
    await here.rooms.create(first, { id: 'r' });
    await here.rooms.join(bob, 'r');
    await deliveries();
    const heard = bob.heard.length;
    const second = await there.connect('ann');
    await first.ended;
    expect(there.rooms.joinedBy(second)).toEqual(['r']);
    expect([...second.createdRooms]).toEqual(['r']);
    expect((await here.allRooms.find('realm', 'r'))?.members.map(({ id, node }) => [id, node])).toEqual([
      ['ann', count === 1 ? 'here' : 'there'],
      ['bob', 'here'],
    ]);
    await here.signaling.sendToRoom(bob, 'r', { kind: 'message', from: 'bob' });
    await there.signaling.sendToRoom(second, 'r', { kind: 'message', from: 'ann' });
    await deliveries();
    expect(second.heard).toEqual(['hello', 'message from bob in r']);
    expect(bob.heard.slice(heard)).toEqual(['message from ann in r']);
    await there.rooms.end(second, 'r');
    await deliveries();
    expect(bob.heard.slice(heard + 1)).toEqual(['r ended all [ann,bob]']);
  });

  it('refuses the id of another client', async () => {
    const ann = await here.connect('ann');
    await expect(there.connect('ann', 'other')).rejects.toMatchObject({ code: 'ID_TAKEN' });
    expect(ann.ended).toBeUndefined();
  });

  it('lets a client take its own id over, and keeps the id taken', async () => {
    const first = await here.connect('ann');
    const bob = await here.connect('bob');
    const second = await there.connect('ann');
    await deliveries();
    await first.ended;
    expect(first.ended).toBeDefined();
    await bob.send('ann');
    expect(first.heard).toEqual(['hello']);
    expect(second.heard).toEqual(['hello', 'offer from bob']);
    await expect(here.connect('ann', 'other')).rejects.toMatchObject({ code: 'ID_TAKEN' });
    second.end();
    await second.ended;
    await here.connect('ann', 'other');
  });

  it('does not free an id that a client claims again while it disconnects', async () => {
    const first = await here.connect('ann');
    first.end();
    const second = await here.connect('ann');
    await first.ended;
    expect(await here.clients.locate('realm', 'ann')).toMatchObject({ session: second.session });
  });
});

describe('PresenceService on one node', () => {
  it('keeps a client in its rooms when it takes its id over', async () => {
    const node = new MemoryNode('here', new MemoryCluster({ queueTtlMs: 1 }));
    const first = await node.connect('ann');
    const bob = await node.connect('bob');
    await node.rooms.create(first, { id: 'r' });
    await node.rooms.join(bob, 'r');
    const second = await node.connect('ann');
    await first.ended;
    expect((await node.allRooms.find('realm', 'r'))?.members.map(({ id }) => id)).toEqual(['ann', 'bob']);
    await node.signaling.sendToRoom(bob, 'r', { kind: 'message', from: 'bob' });
    expect(second.heard).toEqual(['hello', 'message from bob in r']);
    await node.rooms.end(second, 'r');
    expect(bob.heard.at(-1)).toBe('r ended all [ann,bob]');
    expect(second.rooms.size + second.createdRooms.size + bob.rooms.size).toBe(0);
  });
});
