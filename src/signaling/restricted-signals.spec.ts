import { deliveries, type MemoryClient, MemoryCluster, MemoryNode } from '../../test/support/memory-nodes.js';
import type { Identity } from '../common/identity.js';
import { AccessHooks } from '../identity/access-hooks.js';

const REFUSED = { code: 'NOT_AUTHORIZED', data: {} };

/** Resolves as a call does that throws or rejects. */
const attempt = async (call: () => void | Promise<void>): Promise<void> => call();

describe.each([1, 2])('the signals of a restricted client on %i nodes', (count) => {
  let cluster: MemoryCluster;
  let here: MemoryNode;
  let there: MemoryNode;
  let bob: MemoryClient;

  beforeEach(async () => {
    cluster = new MemoryCluster();
    here = new MemoryNode('here', cluster);
    there = count === 1 ? here : new MemoryNode('there', cluster);
    bob = await there.connect('bob');
  });

  async function annWith(identity: Identity): Promise<MemoryClient> {
    const ann = await here.connect('ann', 't', identity);
    await here.rooms.create(ann, { id: 'r' });
    return ann;
  }

  const send = async (from: MemoryClient, to = 'bob'): Promise<void> => {
    await attempt(() => from.send(to));
    await deliveries();
  };

  it('reach clients of its rooms alone', async () => {
    const ann = await annWith({ signal: 'rooms' });
    await expect(send(ann)).rejects.toMatchObject(REFUSED);
    await expect(send(ann, 'nobody')).rejects.toMatchObject(REFUSED);
    await there.rooms.join(bob, 'r');
    await deliveries();
    bob.news();
    await send(ann);
    expect(bob.news()).toEqual(['offer from ann']);
    await there.rooms.leave(bob, 'r');
    await deliveries();
    await expect(send(ann)).rejects.toMatchObject(REFUSED);
    expect(bob.news()).toEqual([]);
  });

  it('reach no client of its groups', async () => {
    const ann = await annWith({ signal: 'rooms' });
    await here.rooms.enter(ann, [], { groups: ['g'] });
    await there.rooms.enter(bob, [], { groups: ['g'] });
    await deliveries();
    await expect(send(ann)).rejects.toMatchObject(REFUSED);
    const toGroup = here.signaling.sendToRoom(ann, '\0group/g', { kind: 'message', from: 'ann' });
    await expect(toGroup).rejects.toMatchObject(REFUSED);
  });

  it('reach nobody if it may send none', async () => {
    const ann = await annWith({ signal: 'none' });
    await there.rooms.join(bob, 'r');
    await deliveries();
    bob.news();
    await expect(send(ann)).rejects.toMatchObject(REFUSED);
    await expect(here.signaling.sendToRoom(ann, 'r', { kind: 'message', from: 'ann' })).rejects.toMatchObject(REFUSED);
    expect(bob.news()).toEqual([]);
  });

  it('reach a room that it is in', async () => {
    const ann = await annWith({ signal: 'rooms' });
    await there.rooms.join(bob, 'r');
    await deliveries();
    bob.news();
    await here.signaling.sendToRoom(ann, 'r', { kind: 'message', from: 'ann' });
    await deliveries();
    expect(bob.news()).toEqual(['message from ann in r']);
  });

  it('follow a renewed identity', async () => {
    const ann = await annWith({ signal: 'none' });
    ann.identity = {};
    bob.news();
    await send(ann);
    expect(bob.news()).toEqual(['offer from ann']);
  });

  it('are dropped, and expire at the next sweep, if they might wait for their target', async () => {
    const ann = await annWith({ signal: 'rooms' });
    [ann, bob].forEach((client) => client.news());
    await attempt(() => ann.sendOrQueue('bob'));
    await attempt(() => ann.sendOrQueue('bob', 'candidate'));
    await attempt(() => ann.sendOrQueue('absent'));
    await deliveries();
    expect([ann.news(), bob.news(), await here.mailbox.count()]).toEqual([[], [], 0]);
    await here.mailbox.expireDue();
    expect(ann.news()).toEqual(['expire from bob', 'expire from absent']);
    await here.mailbox.expireDue();
    expect(ann.news()).toEqual([]);
  });

  it('are dropped, and expire, if they end something', async () => {
    const ann = await annWith({ signal: 'none' });
    ann.news();
    await attempt(() => here.signaling.sendOrExpire(ann, 'bob', { kind: 'leave', from: 'ann' }));
    await here.mailbox.expireDue();
    expect(ann.news()).toEqual(['expire from bob']);
  });

  it('are asked of the application, which sees each receiver', async () => {
    const asked: string[] = [];
    class Hooks extends AccessHooks {
      override maySignal({ id }: { id: string }, to: string, kind: string): boolean {
        asked.push(`${id} ${kind} ${to}`);
        return to !== 'bob';
      }
    }
    const hooked = new MemoryNode('hooked', cluster, new Hooks());
    const [ann, carl] = [await hooked.connect('ann'), await hooked.connect('carl')];
    await expect(send(ann)).rejects.toMatchObject(REFUSED);
    await send(ann, 'carl');
    expect(carl.news()).toEqual(['hello', 'offer from ann']);
    await hooked.rooms.create(ann, { id: 'r' });
    await hooked.rooms.join(carl, 'r');
    await deliveries();
    await hooked.signaling.sendToRoom(ann, 'r', { kind: 'message', from: 'ann' });
    await there.rooms.join(bob, 'r');
    await deliveries();
    const toAll = hooked.signaling.sendToRoom(ann, 'r', { kind: 'message', from: 'ann' });
    await expect(toAll).rejects.toMatchObject(REFUSED);
    expect(asked).toEqual([
      'ann offer bob',
      'ann offer carl',
      'ann message carl',
      'ann message carl',
      'ann message bob',
    ]);
  });
});
