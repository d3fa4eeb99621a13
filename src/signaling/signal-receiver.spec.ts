import {
  deliveries,
  type MemoryClient,
  MemoryCluster,
  MemoryNode,
  TEST_PROTOCOL,
} from '../../test/support/memory-nodes.js';

describe('a signal in flight to another node', () => {
  let cluster: MemoryCluster;
  let here: MemoryNode;
  let there: MemoryNode;
  let ann: MemoryClient;
  let bob: MemoryClient;

  beforeEach(async () => {
    cluster = new MemoryCluster({ queueTtlMs: 1 });
    [here, there] = [new MemoryNode('here', cluster), new MemoryNode('there', cluster)];
    ann = await here.connect('ann');
    bob = await there.connect('bob');
    await ann.send('bob');
  });

  /** Sends while the target disconnects, so that it is gone when the signal reaches its node. */
  async function sendWhileBobLeaves(send: () => void | Promise<void>): Promise<void> {
    const sending = send();
    bob.end();
    await Promise.all([sending, bob.ended]);
    await deliveries();
  }

  it('fails for its sender if the target has gone', async () => {
    await sendWhileBobLeaves(() => ann.send('bob'));
    expect(ann.heard).toEqual(['hello', 'CLIENT_NOT_FOUND']);
    await expect(ann.send('bob')).rejects.toMatchObject({ code: 'CLIENT_NOT_FOUND' });
  });

  it('is queued if the target has gone and the signal may wait', async () => {
    Object.assign(cluster.config, { queueTtlMs: 60_000 });
    await sendWhileBobLeaves(() => ann.sendOrQueue('bob'));
    expect(ann.heard).toEqual(['hello']);
    expect((await here.connect('bob')).heard).toEqual(['hello', 'offer from ann']);
  });

  it('follows a target that has moved to another node', async () => {
    const sending = ann.send('bob');
    const moved = await new MemoryNode('elsewhere', cluster).connect('bob');
    await sending;
    await deliveries();
    expect(bob.heard.length + moved.heard.length).toBe(4);
    await ann.send('bob');
    await deliveries();
    expect(moved.heard.at(-1)).toBe('offer from ann');
    expect(ann.heard).toEqual(['hello']);
  });

  it('is refused by the target’s node if the target does not accept it', async () => {
    await ann.send('bob', 'reject');
    await deliveries();
    expect(ann.heard).toEqual(['hello', 'UNSUPPORTED_BY_TARGET']);
  });

  it('is refused by the sender’s node if that knows the protocol', () => {
    here.protocols.register(TEST_PROTOCOL);
    expect(() => ann.send('bob', 'reject')).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_BY_TARGET' }) as Error,
    );
  });

  it('fails for its sender if the target’s node is gone', async () => {
    cluster.hub.nodes.delete('there');
    await ann.send('bob');
    await deliveries();
    expect(ann.heard).toEqual(['hello', 'UNAVAILABLE']);
  });
});
