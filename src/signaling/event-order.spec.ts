import { jest } from '@jest/globals';
import { deliveries, MemoryCluster, MemoryNode } from '../../test/support/memory-nodes.js';
import { DomainError } from '../common/domain-error.js';
import type { ServerEvent } from '../events/server-event.js';

/** An event in short. Sessions are numbered in the order in which they come. */
function short(event: ServerEvent, sessions: string[]): string {
  const numberOf = (session = ''): number => {
    if (!sessions.includes(session)) sessions.push(session);
    return sessions.indexOf(session) + 1;
  };
  switch (event.type) {
    case 'client.connected':
      return `${event.client}/${numberOf(event.session)} connected`;
    case 'client.disconnected':
      return `${event.client}/${numberOf(event.session)} disconnected: ${event.reason}`;
    case 'room.joined':
    case 'room.left': {
      const verb = event.type === 'room.joined' ? 'joins' : 'leaves';
      return `${event.client}/${numberOf(event.session)} ${verb} ${event.room} (${event.members}): ${event.reason}`;
    }
    case 'room.created':
      return `${event.room} created by ${event.creator}`;
    case 'room.ended':
      return `${event.room} ended: ${event.reason}`;
    default:
      return event.type;
  }
}

describe('events of clients and their rooms', () => {
  let cluster: MemoryCluster;
  let one: MemoryNode;
  let two: MemoryNode;
  let heard: string[];

  beforeEach(() => {
    cluster = new MemoryCluster();
    one = new MemoryNode('one', cluster);
    two = new MemoryNode('two', cluster);
    heard = [];
    const sessions: string[] = [];
    two.events.cluster.on('*', (event) => heard.push(short(event, sessions)));
  });

  const news = async (): Promise<string[]> => {
    await deliveries();
    return heard.splice(0);
  };

  it('come in the order in which a client comes, joins, leaves and goes', async () => {
    const ann = await one.connect('ann');
    await one.rooms.create(ann, { id: 'den' });
    const bob = await two.connect('bob');
    await two.rooms.join(bob, 'den');
    expect(await news()).toEqual([
      'ann/1 connected',
      'den created by ann',
      'ann/1 joins den (1): joined',
      'bob/2 connected',
      'bob/2 joins den (2): joined',
    ]);
    await one.presence.disconnect(ann, 'connection lost');
    await two.rooms.leave(bob, 'den');
    expect(await news()).toEqual([
      'ann/1 leaves den (1): disconnected',
      'ann/1 disconnected: connection lost',
      'bob/2 leaves den (0): left',
      'den ended: empty',
    ]);
  });

  it('report each member that the end of a room takes out, on any node', async () => {
    const ann = await one.connect('ann');
    await one.rooms.create(ann, { id: 'den' });
    await two.rooms.join(await two.connect('bob'), 'den');
    await news();
    await one.rooms.end(ann, 'den');
    expect(await news()).toEqual([
      'ann/1 leaves den (0): room ended',
      'bob/2 leaves den (0): room ended',
      'den ended: ended by creator',
    ]);
  });

  it('report a member that the server removes on another node, once', async () => {
    const ann = await one.connect('ann');
    await one.rooms.create(ann, { id: 'den' });
    await news();
    await two.allRooms.removeMember('realm', 'den', 'ann');
    expect(await news()).toEqual(['ann/1 leaves den (0): removed', 'den ended: empty']);
    await one.presence.disconnect(ann, 'closed by client');
    expect(await news()).toEqual(['ann/1 disconnected: closed by client']);
  });

  it.each(['one', 'two'] as const)('move the rooms of a replaced client to its successor on node %s', async (name) => {
    const ann = await one.connect('ann');
    await one.rooms.create(ann, { id: 'den' });
    await news();
    await (name === 'one' ? one : two).connect('ann');
    await ann.ended;
    expect(await news()).toEqual([
      'ann/1 leaves den (0): replaced',
      'ann/1 disconnected: replaced',
      'ann/2 connected',
      'ann/2 joins den (1): replaced',
    ]);
  });

  it('report clients that go while the store cannot be reached, and the end of their room once', async () => {
    const [ann, bob] = [await one.connect('ann'), await one.connect('bob')];
    await one.rooms.create(ann, { id: 'den' });
    await one.rooms.join(bob, 'den');
    await news();
    jest.spyOn(cluster.store, 'leave').mockRejectedValue(new DomainError('UNAVAILABLE', {}));
    const ends = [ann, bob].map((client) => one.presence.disconnect(client, 'connection lost'));
    expect((await Promise.allSettled(ends)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await news()).toEqual([
      'ann/1 leaves den (1): disconnected',
      'bob/2 leaves den (0): disconnected',
      'den ended: empty',
      'ann/1 disconnected: connection lost',
      'bob/2 disconnected: connection lost',
    ]);
  });

  it('report nothing of groups', async () => {
    const ann = await one.connect('ann');
    await one.rooms.enter(ann, [], { groups: ['team'] });
    await one.presence.disconnect(ann, 'closed by client');
    expect(await news()).toEqual(['ann/1 connected', 'ann/1 disconnected: closed by client']);
  });

  it('report nothing of a client that is refused', async () => {
    await one.connect('ann', 'token');
    await news();
    await expect(two.connect('ann', 'other')).rejects.toMatchObject({ code: 'ID_TAKEN' });
    expect(await news()).toEqual([]);
  });

  it('report a signal only to listeners that name its type', async () => {
    const [ann, bob] = [await one.connect('ann'), await two.connect('bob')];
    const signals: unknown[] = [];
    await ann.send('bob');
    const stop = two.events.cluster.on('signal.relayed', (event) => signals.push(event));
    await deliveries();
    await ann.send('bob');
    await bob.send('ann', 'answer');
    await expect(ann.send('nobody')).rejects.toMatchObject({ code: 'CLIENT_NOT_FOUND' });
    await deliveries();
    stop();
    expect(signals).toEqual([
      expect.objectContaining({ type: 'signal.relayed', node: 'one', kind: 'offer', from: 'ann', to: 'bob' }),
      expect.objectContaining({ type: 'signal.relayed', node: 'two', kind: 'answer', from: 'bob', to: 'ann' }),
    ]);
    expect(await news()).toEqual(['ann/1 connected', 'bob/2 connected']);
  });
});
