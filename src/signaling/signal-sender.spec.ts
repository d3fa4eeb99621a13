import { deliveries, MemoryCluster, MemoryNode } from '../../test/support/memory-nodes.js';

describe.each([1, 2])('SignalSender on %i nodes', (count) => {
  let cluster: MemoryCluster;
  let here: MemoryNode;
  let there: MemoryNode;

  beforeEach(() => {
    cluster = new MemoryCluster({ queueTtlMs: 1 });
    here = new MemoryNode('here', cluster);
    there = count === 1 ? here : new MemoryNode('there', cluster);
  });

  it('delivers to a connected client, and rejects with CLIENT_NOT_FOUND otherwise', async () => {
    const ann = await here.connect('ann');
    const bob = await there.connect('bob');
    await ann.send('bob');
    expect(bob.heard).toEqual(['hello', 'offer from ann']);
    await expect(ann.send('carol')).rejects.toMatchObject({ code: 'CLIENT_NOT_FOUND', data: { id: 'carol' } });
    bob.end();
    await bob.ended;
    await expect(ann.send('bob')).rejects.toMatchObject({ code: 'CLIENT_NOT_FOUND' });
  });

  it('refuses signals that the target’s protocol does not have', async () => {
    const ann = await here.connect('ann');
    const bob = await here.connect('bob');
    expect(() => ann.send('bob', 'reject')).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_BY_TARGET' }) as Error,
    );
    expect(bob.heard).toEqual(['hello']);
  });

  it('queues signals for an absent client, and delivers them after the greeting', async () => {
    const ann = await here.connect('ann');
    Object.assign(cluster.config, { queueTtlMs: 60_000 });
    await ann.sendOrQueue('bob');
    await ann.sendOrQueue('bob', 'candidate');
    const bob = await there.connect('bob');
    expect(bob.heard).toEqual(['hello', 'offer from ann', 'candidate from ann']);
  });

  it('delivers queued signals before those that arrive meanwhile', async () => {
    const ann = await here.connect('ann');
    Object.assign(cluster.config, { queueTtlMs: 60_000 });
    await ann.sendOrQueue('bob');
    const take = cluster.queue.take.bind(cluster.queue);
    cluster.queue.take = async (realm, to) => {
      await here.signaling.send(ann, 'bob', { kind: 'candidate', from: 'ann' });
      return take(realm, to);
    };
    const bob = await here.connect('bob');
    expect(bob.heard).toEqual(['hello', 'offer from ann', 'candidate from ann']);
  });

  it('notifies the sender of expired signals', async () => {
    const ann = await here.connect('ann');
    await ann.sendOrQueue('bob');
    await ann.sendOrQueue('bob', 'candidate');
    await new Promise((resolve) => setTimeout(resolve, 5));
    await there.mailbox.expireDue();
    await deliveries();
    expect(ann.heard).toEqual(['hello', 'expire from bob']);
    expect((await there.connect('bob')).heard).toEqual(['hello']);
  });

  it('sends to the other members of a room', async () => {
    const [ann, bob, carol] = [await here.connect('ann'), await there.connect('bob'), await there.connect('carol')];
    await here.rooms.create(ann, { id: 'r' });
    await there.rooms.join(bob, 'r');
    await deliveries();
    await here.signaling.sendToRoom(ann, 'r', { kind: 'message', from: 'ann' });
    await there.signaling.sendToRoom(bob, 'r', { kind: 'message', from: 'bob' });
    await deliveries();
    expect(ann.heard).toEqual(['hello', 'r joined bob [ann,bob]', 'message from bob in r']);
    expect(bob.heard).toEqual(['hello', 'r joined bob [ann,bob]', 'message from ann in r']);
    const refused = there.signaling.sendToRoom(carol, 'r', { kind: 'message', from: 'carol' });
    await expect(refused).rejects.toMatchObject({ code: 'NOT_IN_ROOM' });
    const nowhere = there.signaling.sendToRoom(carol, 's', { kind: 'message', from: 'carol' });
    await expect(nowhere).rejects.toMatchObject({ code: 'ROOM_NOT_FOUND' });
  });
});
