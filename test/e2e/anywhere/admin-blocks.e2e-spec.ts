import { WebSocket } from 'ws';
import type { BlockList, MadeBlock } from '../../../src/admin/block.dto.js';
import type { ClientPage } from '../../../src/admin/client.dto.js';
import { BlockStore } from '../../../src/blocks/block-store.js';
import {
  AdminApi,
  type AdminServer,
  ISO_TIME,
  OPERATE_TOKEN,
  problem,
  READ_TOKEN,
  startAdminServer,
} from '../../support/admin-api.js';
import { becomes } from '../../support/becomes.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { EventStream } from '../../support/event-stream.js';
import { PeerJsSocket } from '../../support/peerjs-socket.js';
import { bearer, codeOf, loginWith, peerWith, SECURED, tokenFor } from '../../support/secured.js';

const BOUND_TOKEN = 'bea-may-only-change-acme';
const DOORS = ['/open', '/peerjs?key=open-key&id=pia&token=t', '/socket.io/?EIO=4&transport=websocket'];

let server: AdminServer;

beforeAll(async () => {
  server = await startAdminServer({
    // Lets a test choose the address of a client.
    proxied: true,
    adminTokens: [`olga:operate:${OPERATE_TOKEN}`, `rudi:read:${READ_TOKEN}`, `bea:operate:${BOUND_TOKEN}:acme`],
    realms: {
      default: { connectorPath: '/', auth: SECURED },
      acme: { connectorPath: '/acme', auth: SECURED },
      open: { connectorPath: '/open', peerjsKeys: ['open-key'] },
    },
  });
});
afterAll(() => server.close());

afterEach(async () => {
  EventStream.closeAll();
  EasyRtcClient.closeAll();
  await ConnectorClient.closeAll();
  for (const { id } of await blocks()) await server.api.delete(['blocks', id]);
  await becomes(async () => (await server.api.get<ClientPage>('clients')).body.total, 0);
});

const from = (address: string): Record<string, string> => ({ 'X-Forwarded-For': address });
const block = (body: object) => server.api.post<MadeBlock>('blocks', body);
const blocks = async () => (await server.api.get<BlockList>('blocks')).body.items;

/** Returns the status of an upgrade, and when to try again. */
function upgrade(address: string, path = '/open'): Promise<{ status?: number; retryAfter?: string }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(server.wsUrl + path, { headers: from(address) });
    socket.once('open', () => {
      socket.terminate();
      resolve({ status: 101 });
    });
    socket.once('unexpected-response', (request, { statusCode: status, headers }) => {
      request.destroy();
      resolve({ status, retryAfter: headers['retry-after'] });
    });
    socket.once('error', reject);
  });
}

const statusAt = async (address: string, path?: string) => (await upgrade(address, path)).status;

describe('a blocked address', () => {
  it('is refused at the doors of all protocols, with the time that is left', async () => {
    const answer = await block({ address: '203.0.113.9', seconds: 90, reason: 'spam' });
    expect(answer).toMatchObject({ status: 201, body: { address: '203.0.113.9', by: 'olga', removed: 0 } });
    for (const path of DOORS) {
      const { status, retryAfter } = await upgrade('203.0.113.9', path);
      expect([path, status]).toEqual([path, 403]);
      expect(Number(retryAfter)).toBeGreaterThan(30);
      expect(Number(retryAfter)).toBeLessThanOrEqual(90);
      expect(await statusAt('203.0.113.10', path)).toBe(101);
    }
  });

  it('is refused over polling, and gets no ICE servers', async () => {
    await block({ address: '203.0.113.9', seconds: 90 });
    const get = (path: string, address: string) => fetch(server.url + path, { headers: from(address) });
    const polling = await get('/socket.io/?EIO=4&transport=polling', '203.0.113.9');
    expect(polling.status).toBe(403);
    expect(Number(polling.headers.get('retry-after'))).toBeGreaterThan(30);
    expect((await get('/open-key/ice-servers', '203.0.113.9')).status).toBe(403);
    expect((await get('/open-key/ice-servers', '203.0.113.10')).status).toBe(200);
  });

  it.each([
    ['::ffff:203.0.113.9', '203.0.113.9', '203.0.113.10'],
    ['203.0.113.9', '::ffff:203.0.113.9', '::ffff:203.0.113.10'],
    ['2001:db8:1:2::9', '2001:db8:1:2:ffff::1', '2001:db8:1:3::9'],
    ['2001:DB8:5::/48', '2001:db8:5:ffff::1', '2001:db8:6::1'],
    ['198.51.100.0/24', '198.51.100.77', '198.51.101.77'],
  ])('may be written as %s', async (address, inside, outside) => {
    await block({ address, seconds: 60 });
    expect([await statusAt(inside), await statusAt(outside)]).toEqual([403, 101]);
  });

  it('loses its connected clients, who hear the reason, unless the request says otherwise', async () => {
    const headers = from('203.0.113.9');
    const connector = await ConnectorClient.connect(`${server.wsUrl}/open`, { headers });
    const peer = await PeerJsSocket.open(server.wsUrl, { id: 'pia', key: 'open-key', headers });
    const other = await ConnectorClient.connect(`${server.wsUrl}/open`, { headers: from('203.0.113.10') });
    expect(await block({ address: '203.0.113.0/24', seconds: 60, disconnect: false })).toMatchObject({
      body: { removed: 0 },
    });
    expect((await block({ address: '203.0.113.9', seconds: 60, reason: 'Spam' })).body.removed).toBe(2);
    expect(await connector.next('Disconnected')).toMatchObject({ data: { message: 'Spam' } });
    expect(await connector.closed).toEqual({ code: 1008, reason: 'Spam' });
    expect(await peer.closed).toEqual({ code: 1008, reason: 'Spam' });
    const { body } = await server.api.get<ClientPage>('clients');
    expect(body.items.map(({ id }) => id)).toEqual([other.id]);
  });

  it('may come back when its block ends, or is ended', async () => {
    const { id } = (await block({ address: '203.0.113.9', seconds: 60 })).body;
    expect(await statusAt('203.0.113.9')).toBe(403);
    expect((await server.api.delete(['blocks', id])).status).toBe(204);
    expect(await statusAt('203.0.113.9')).toBe(101);
    expect(await server.api.delete(['blocks', id])).toEqual(problem('not-found', 'There is no such block.'));
    await block({ address: '203.0.113.9', seconds: 1 });
    await becomes(() => statusAt('203.0.113.9'), 101);
    expect(await blocks()).toEqual([]);
  });

  it('is reported with the reason', async () => {
    const stream = await EventStream.connect(server.api, { types: 'client.refused' });
    await block({ address: '203.0.113.9', seconds: 60 });
    await upgrade('203.0.113.9');
    expect(await stream.next()).toMatchObject({ data: { address: '203.0.113.9', reason: '403: blocked' } });
  });
});

describe('a blocked user', () => {
  const connector = async (sub: string, path = '/') =>
    ConnectorClient.connect(server.wsUrl + path, bearer(await tokenFor(sub)));

  it('is refused in the words of each protocol, in all realms', async () => {
    await block({ user: 'eve', seconds: 60 });
    for (const path of ['/', '/acme']) {
      await expect(connector('eve', path)).rejects.toThrow('You are not allowed to do this.');
    }
    const token = await tokenFor('eve');
    const peer = await PeerJsSocket.connect(server.wsUrl, { id: 'eve', token });
    expect(await peer.next()).toEqual({ type: 'ERROR', payload: { msg: 'Invalid token provided' } });
    await peer.closed;
    const caller = await EasyRtcClient.connect(server.url);
    expect(codeOf(await caller.authenticate(loginWith(token)))).toBe('LOGIN_BAD_AUTH');
    await peerWith(server, 'ann', await tokenFor('ann')).then((its) => its.close());
    await connector('ann');
  });

  it('is refused in the named realm alone', async () => {
    expect(await block({ user: 'eve', realm: 'acme', seconds: 60 })).toMatchObject({ body: { realm: 'acme' } });
    await expect(connector('eve', '/acme')).rejects.toThrow('You are not allowed to do this.');
    await connector('eve');
  });

  it('gets no ICE servers', async () => {
    await block({ user: 'eve', seconds: 60 });
    const status = async (sub: string) =>
      (await fetch(`${server.url}/ice-servers`, bearer(await tokenFor(sub)))).status;
    expect([await status('eve'), await status('ann')]).toEqual([403, 200]);
  });

  it('loses connected clients in the realms of the block', async () => {
    const [here, there] = [await connector('eve'), await connector('eve', '/acme')];
    expect((await block({ user: 'eve', realm: 'acme', seconds: 60, reason: 'Spam' })).body.removed).toBe(1);
    expect(await there.closed).toEqual({ code: 1008, reason: 'Spam' });
    const { body } = await server.api.get<ClientPage>('clients');
    expect(body.items.map(({ id }) => id)).toEqual([here.id]);
  });

  it('is reported with the reason', async () => {
    const stream = await EventStream.connect(server.api, { types: 'client.refused' });
    await block({ user: 'eve', seconds: 60 });
    await expect(connector('eve')).rejects.toThrow();
    expect(await stream.next()).toMatchObject({ data: { reason: 'NOT_AUTHORIZED: blocked' } });
  });
});

describe('the list of blocks', () => {
  it('shows each once, the next to end first', async () => {
    await block({ user: 'eve', seconds: 600, reason: 'old' });
    await block({ address: '203.0.113.9', seconds: 60 });
    await block({ user: 'eve', seconds: 300, reason: 'new' });
    const { body } = await server.reader.get<BlockList>('blocks');
    expect(body).toEqual({
      total: 2,
      items: [
        { id: expect.any(String) as string, address: '203.0.113.9', by: 'olga', since: ISO_TIME, until: ISO_TIME },
        { id: expect.any(String) as string, user: 'eve', reason: 'new', by: 'olga', since: ISO_TIME, until: ISO_TIME },
      ],
    });
  });

  it('has a bound', async () => {
    const [store] = server.everywhere(BlockStore);
    const many = Array.from({ length: 1000 }, (_, n) => ({ id: `many-${n}`, user: `eve-${n}`, by: 'test', since: 0 }));
    await Promise.all(many.map((one) => store.put(one, 60_000, 1000)));
    expect(await block({ user: 'one more', seconds: 60 })).toEqual(
      problem('limit-reached', 'No more than 1000 blocks are allowed.'),
    );
    expect((await block({ user: 'eve', seconds: 60 })).status).toBe(409);
    await Promise.all(many.map(({ id }) => store.remove(id)));
  });

  it.each([
    [{}],
    [{ seconds: 60 }],
    [{ user: 'eve' }],
    [{ user: 'eve', address: '203.0.113.9', seconds: 60 }],
    [{ address: '203.0.113.9', realm: 'acme', seconds: 60 }],
    [{ address: 'localhost', seconds: 60 }],
    [{ address: '0.0.0.0/0', seconds: 60 }],
    [{ user: 'eve', seconds: 0 }],
    [{ user: 'eve', seconds: 2_592_001 }],
    [{ user: 'eve', seconds: '60' }],
    [{ user: 'eve', seconds: 60, disconnect: 'no' }],
    [{ user: 'eve', seconds: 60, why: 'spam' }],
  ])('rejects %j', async (body) => {
    expect(await block(body)).toEqual(problem('bad-request'));
  });

  it('is changed by tokens with the role operate, and by those of a realm for its users', async () => {
    expect(await server.reader.post('blocks', { user: 'eve', seconds: 60 })).toEqual(problem('forbidden'));
    const bound = new AdminApi(server.url, BOUND_TOKEN);
    for (const body of [{ address: '203.0.113.9' }, { user: 'eve' }, { user: 'eve', realm: 'default' }]) {
      expect(await bound.post('blocks', { ...body, seconds: 60 })).toEqual(problem('forbidden'));
    }
    const { id: foreign } = (await block({ user: 'eve', seconds: 60 })).body;
    const { status, body } = await bound.post<MadeBlock>('blocks', { user: 'eve', realm: 'acme', seconds: 60 });
    expect(status).toBe(201);
    expect((await bound.get<BlockList>('blocks')).body).toMatchObject({ total: 1, items: [{ by: 'bea' }] });
    expect(await bound.delete(['blocks', foreign])).toEqual(problem('not-found'));
    expect((await bound.delete(['blocks', body.id])).status).toBe(204);
  });
});
