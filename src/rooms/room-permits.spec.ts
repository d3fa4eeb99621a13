import { setTimeout as sleep } from 'node:timers/promises';
import { runInThisContext } from 'node:vm';
import { jest } from '@jest/globals';
import { deliveries, MemoryCluster, MemoryNode } from '../../test/support/memory-nodes.js';
import { DomainError } from '../common/domain-error.js';
import type { Identity } from '../common/identity.js';
import { AccessHooks } from '../identity/access-hooks.js';

const REFUSED = { code: 'NOT_AUTHORIZED', data: {} };

describe('the rooms of a client that may not enter all', () => {
  let cluster: MemoryCluster;
  let node: MemoryNode;

  beforeEach(async () => {
    cluster = new MemoryCluster();
    node = new MemoryNode('here', cluster);
    const bob = await node.connect('bob');
    for (const id of ['team-1', 'secret']) await node.rooms.create(bob, { id });
  });

  const annWith = (identity: Identity) => node.connect('ann', 't', identity);
  const TEAM: Identity = { rooms: { join: ['team-*'] } };

  it('are joined if they are listed', async () => {
    const ann = await annWith(TEAM);
    await node.rooms.join(ann, 'team-1');
    await expect(node.rooms.join(ann, 'secret')).rejects.toMatchObject(REFUSED);
    await expect(node.rooms.join(ann, 'missing')).rejects.toMatchObject(REFUSED);
    expect([...ann.rooms]).toEqual(['team-1']);
  });

  it('are created if they are listed, also with a generated id', async () => {
    const ann = await annWith(TEAM);
    await node.rooms.create(ann, { id: 'team-2' });
    await expect(node.rooms.create(ann, { id: 'new' })).rejects.toMatchObject(REFUSED);
    await expect(node.rooms.create(ann, {})).rejects.toMatchObject(REFUSED);
    expect([...ann.rooms]).toEqual(['team-2']);
  });

  it('are entered all or none', async () => {
    const ann = await annWith(TEAM);
    await expect(node.rooms.enter(ann, [{ id: 'team-1' }, { id: 'secret' }])).rejects.toMatchObject(REFUSED);
    expect(ann.rooms.size).toBe(0);
    await node.rooms.enter(ann, [{ id: 'team-1' }, { id: 'team-3' }], { groups: ['g'] });
    expect(node.rooms.joinedBy(ann)).toEqual(['team-1', 'team-3']);
  });

  it('are not created on entering without the permission to create them', async () => {
    const ann = await annWith({ rooms: { join: ['*'], create: ['mine'] } });
    await expect(node.rooms.enter(ann, [{ id: 'new' }])).rejects.toMatchObject(REFUSED);
    await node.rooms.enter(ann, [{ id: 'mine' }, { id: 'secret' }]);
    expect(node.rooms.joinedBy(ann)).toEqual(['mine', 'secret']);
  });

  it('are not created if they end while the permission to join them is asked for', async () => {
    const bob = await node.connect('bob');
    class Hooks extends AccessHooks {
      override async mayJoinRoom(_client: object, room: string): Promise<boolean> {
        await node.rooms.leave(bob, room);
        return true;
      }
      override mayCreateRoom(): boolean {
        return false;
      }
    }
    const hooked = new MemoryNode('hooked', cluster, new Hooks());
    const ann = await hooked.connect('ann');
    await expect(hooked.rooms.enter(ann, [{ id: 'secret' }])).rejects.toMatchObject({ code: 'ROOM_NOT_FOUND' });
  });

  it.each(['create', 'join', 'enter'] as const)('are asked of the application before a client can %s', async (verb) => {
    class Hooks extends AccessHooks {
      override mayJoinRoom = (_client: object, room: string): Promise<boolean> => Promise.resolve(room === 'team-1');
      override mayCreateRoom = (_client: object, room: string): Promise<boolean> => Promise.resolve(room === 'team-2');
    }
    const hooked = new MemoryNode('hooked', cluster, new Hooks());
    const ann = await hooked.connect('ann');
    const ways = {
      create: (id: string) => hooked.rooms.create(ann, { id }),
      join: (id: string) => hooked.rooms.join(ann, id),
      enter: (id: string) => hooked.rooms.enter(ann, [{ id }]),
    };
    await expect(ways[verb](verb === 'create' ? 'new' : 'secret')).rejects.toMatchObject(REFUSED);
    await ways[verb](verb === 'create' ? 'team-2' : 'team-1');
    expect(ann.rooms.size).toBe(1);
  });

  it.each(['create', 'join'] as const)('cost a client that has gone no unheard error on %s', async (verb) => {
    // The process object of Jest's sandbox does not emit this event.
    const process = runInThisContext('process') as NodeJS.Process;
    const unheard = jest.fn();
    process.on('unhandledRejection', unheard);
    class Hooks extends AccessHooks {
      override mayJoinRoom = (): Promise<boolean> => Promise.resolve(false);
      override mayCreateRoom = (): Promise<boolean> => Promise.resolve(false);
    }
    const hooked = new MemoryNode('hooked', cluster, new Hooks());
    const ann = await hooked.connect('ann');
    jest.spyOn(ann, 'ask').mockRejectedValue(new DomainError('NOT_AUTHORIZED', {}));
    const asked = verb === 'create' ? hooked.rooms.create(ann, { id: 'new' }) : hooked.rooms.join(ann, 'secret');
    await expect(asked).rejects.toMatchObject(REFUSED);
    await sleep(0);
    process.off('unhandledRejection', unheard);
    expect(unheard).not.toHaveBeenCalled();
  });

  it.each([1, 2])('are left by a successor that may not join them, on %i nodes', async (count) => {
    const bob = await node.connect('bob');
    const ann = await annWith({ sub: 'ann' });
    for (const id of ['team-1', 'secret']) await node.rooms.join(ann, id);
    await deliveries();
    bob.news();
    const there = count === 1 ? node : new MemoryNode('there', cluster);
    const successor = await there.connect('ann', 'other', { ...TEAM, sub: 'ann' });
    await deliveries();
    expect([...successor.rooms]).toEqual(['team-1']);
    expect(bob.news()).toEqual(['secret left ann [bob]']);
  });

  it.each([1, 2])('hold no group of a predecessor, on %i nodes', async (count) => {
    const ann = await annWith({ sub: 'ann' });
    await node.rooms.enter(ann, [{ id: 'team-1' }], { groups: ['staff'] });
    const there = count === 1 ? node : new MemoryNode('there', cluster);
    const successor = await there.connect('ann', 'other', { sub: 'ann' });
    expect([...successor.rooms]).toEqual(['team-1']);
  });
});
