import { deliveries, type MemoryClient, MemoryCluster, MemoryNode } from '../../test/support/memory-nodes.js';

describe.each([1, 2])('RoomsHere on %i nodes', (count) => {
  let here: MemoryNode;
  let there: MemoryNode;
  let ann: MemoryClient;
  let bob: MemoryClient;

  beforeEach(async () => {
    const cluster = new MemoryCluster();
    here = new MemoryNode('here', cluster);
    there = count === 1 ? here : new MemoryNode('there', cluster);
    ann = await here.connect('ann');
    bob = await there.connect('bob');
    await here.rooms.create(ann, { id: 'r' });
  });

  const shares = async (): Promise<boolean> => {
    await deliveries();
    return here.roomsHere.sharesRoom(ann, 'bob');
  };

  it('knows whether a client shares a room with another one, after each change', async () => {
    expect(await shares()).toBe(false);
    await there.rooms.join(bob, 'r');
    expect(await shares()).toBe(true);
    await there.rooms.leave(bob, 'r');
    expect(await shares()).toBe(false);
    await there.rooms.join(bob, 'r');
    expect(await shares()).toBe(true);
    await here.rooms.leave(ann, 'r');
    expect(await shares()).toBe(false);
  });

  it('knows it after the end of a room, and while the clients share another one', async () => {
    await there.rooms.create(bob, { id: 's' });
    await there.rooms.join(bob, 'r');
    await here.rooms.join(ann, 's');
    expect(await shares()).toBe(true);
    await here.rooms.end(ann, 'r');
    expect(await shares()).toBe(true);
    await there.rooms.end(bob, 's');
    expect(await shares()).toBe(false);
  });

  it('knows it after a member has disconnected, and after a takeover by its successor', async () => {
    await there.rooms.join(bob, 'r');
    expect(await shares()).toBe(true);
    await here.connect('bob');
    expect(await shares()).toBe(true);
    ann = await there.connect('ann');
    await deliveries();
    expect(there.roomsHere.sharesRoom(ann, 'bob')).toBe(true);
  });

  it('does not count groups as rooms', async () => {
    await here.rooms.enter(ann, [], { groups: ['g'] });
    await there.rooms.enter(bob, [], { groups: ['g'] });
    expect(await shares()).toBe(false);
  });
});
