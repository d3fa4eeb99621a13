import { inspect } from 'node:util';
import type { MemoryClient } from '../../test/support/memory-nodes.js';
import { MemoryCluster, MemoryNode } from '../../test/support/memory-nodes.js';
import { groupRoom } from '../common/group.js';

const TOKEN = 'a secret token';

describe('a client', () => {
  let node: MemoryNode;
  let client: MemoryClient;

  beforeEach(async () => {
    node = new MemoryNode('here', new MemoryCluster());
    client = await node.connect('ann', TOKEN);
    await node.rooms.enter(client, [{ id: 'r', mayCreate: true, maxMembers: 5 }], { groups: ['g'] });
  });

  const shown = () => ({ realm: 'realm', id: 'ann', protocol: 'test', address: '', since: client.since, rooms: ['r'] });

  it('shows applications its data, with its rooms and without its groups', () => {
    expect(client.rooms).toEqual(new Set(['r', groupRoom('g')]));
    expect(client.view).toEqual(shown());
    expect(node.clients.findHere('realm', 'ann')).toEqual(shown());
    expect([...node.clients.clientsHere()]).toEqual([shown()]);
    expect(node.clients.findHere('realm', 'bob')).toBeUndefined();
  });

  it('shows no more in JSON and in logs', () => {
    expect(JSON.parse(JSON.stringify({ client }))).toEqual({ client: shown() });
    expect(inspect({ client })).toBe(inspect({ client: shown() }));
  });

  it.each([
    {},
    { showHidden: true },
    { customInspect: false },
    { customInspect: false, showHidden: true, getters: false },
  ])('does not show its token in util.inspect with %j', (options) => {
    expect(client.token).toBe(TOKEN);
    expect(inspect(client, { depth: 1, ...options })).not.toContain(TOKEN);
  });

  it('is not affected by a change of its view', () => {
    (client.view.rooms as string[]).push('x');
    expect(client.rooms.has('x')).toBe(false);
  });

  it('is nobody, and restricted in nothing, without an identity', () => {
    expect(client.identity).toEqual({});
    expect(client.isRestricted).toBe(false);
  });

  it('belongs to its user, whatever its token is', async () => {
    const mine = await node.connect('mine', TOKEN, { sub: 'ann' });
    expect(mine.token).toBe('sub:ann');
  });

  it.each(['sub:ann', 'id:mine'])('does not become that of another user by its own token %j', async (token) => {
    const forged = await node.connect('mine', token);
    expect(forged.token).toBe(`raw:${token}`);
  });

  it.each([
    ['any', false],
    ['rooms', true],
    ['none', true],
  ] as const)('with the scope %s for signals: restricted is %s, also after a renewal', async (signal, isRestricted) => {
    const other = await node.connect('restricted', undefined, { signal });
    expect(other.isRestricted).toBe(isRestricted);
    client.identity = { signal };
    expect(client.isRestricted).toBe(isRestricted);
  });

  it('stays restricted after a renewal if it is watched', () => {
    client.watch();
    expect(client.isRestricted).toBe(true);
    client.identity = { signal: 'any' };
    expect(client.isRestricted).toBe(true);
  });
});
