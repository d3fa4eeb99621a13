import { jest } from '@jest/globals';
import { MemoryCluster, MemoryNode } from '../../test/support/memory-nodes.js';
import { DomainError } from '../common/domain-error.js';
import type { Identity } from '../common/identity.js';
import type { Authenticator } from '../identity/authenticator.js';
import { Renewals } from './renewals.js';

const BEFORE: Identity = { sub: 'ann', rooms: { join: ['*'] } };
const NARROWER: Identity = { sub: 'ann', rooms: { join: ['lobby'] } };

describe('the renewal of an identity', () => {
  const cluster = new MemoryCluster();
  const node = new MemoryNode('here', cluster);
  const renewals = new Renewals(undefined as unknown as Authenticator, node.supervision, node.registry, node.rooms);

  it('does not happen if the client cannot leave a room that the new one forbids', async () => {
    const client = await node.connect('ann', 't', BEFORE);
    await node.rooms.create(client, { id: 'secret' });
    const leave = jest.spyOn(cluster.store, 'leave').mockRejectedValueOnce(new DomainError('UNAVAILABLE', {}));
    await expect(renewals.apply(client, NARROWER)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(leave).toHaveBeenCalled();
    expect(client.identity).toBe(BEFORE);
    expect([...client.rooms]).toEqual(['secret']);
    await renewals.apply(client, NARROWER);
    expect(client.identity).toBe(NARROWER);
    expect([...client.rooms]).toEqual([]);
  });

  it('is not checked for a client that has gone, because nobody would hear of an error', async () => {
    const authenticate = jest.fn(() => Promise.reject(new DomainError('UNAUTHENTICATED', { reason: 'signature' })));
    const authenticator = { authenticate } as unknown as Authenticator;
    const checked = new Renewals(authenticator, node.supervision, node.registry, node.rooms);
    const client = await node.connect('bob', 't', BEFORE);
    jest.spyOn(client, 'ask').mockRejectedValue(new DomainError('NOT_AUTHORIZED', {}));
    await expect(checked.renew(client, 'token')).rejects.toMatchObject({ code: 'NOT_AUTHORIZED' });
    expect(authenticate).not.toHaveBeenCalled();
  });
});
