import type { AddressInfo } from 'node:net';
import type { ClientPage, ListedClient } from '../../../src/admin/client.dto.js';
import type { History } from '../../../src/admin/history.dto.js';
import { NodeCalls } from '../../../src/common/node-calls.js';
import { NodeIdentity } from '../../../src/common/node-identity.js';
import {
  AdminApi,
  type AdminServer,
  ISO_TIME,
  OPERATE_TOKEN,
  problem,
  type Query,
  startAdminServer,
} from '../../support/admin-api.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { makeRoom, Visitors } from '../../support/visitors.js';

const aNumber = expect.any(Number) as number;
const figures = {
  lastSeen: ISO_TIME,
  framesIn: aNumber,
  framesOut: aNumber,
  bytesIn: aNumber,
  bytesOut: aNumber,
  waitingBytes: 0,
};

describe('admin API: figures of listed clients', () => {
  let server: AdminServer;
  let visitors: Visitors;

  beforeEach(async () => {
    server = await startAdminServer();
    visitors = new Visitors(server, server.api);
  });
  afterEach(async () => {
    await visitors.leave();
    await server.close();
  });

  const list = async (query: Query): Promise<readonly ListedClient[]> => {
    return (await server.api.get<ClientPage>('clients', query)).body.items;
  };

  it('come with `figures=true`, in the order of the clients, on whichever nodes these are', async () => {
    const headers = { 'User-Agent': 'Test/1.0', Origin: 'https://app.example' };
    const ann = await ConnectorClient.connect(server.wsUrl, { headers });
    const [bob, carl] = await visitors.connectors(2);
    await visitors.peer('pia');
    await makeRoom('den', ann, carl);
    const items = await list({ figures: 'true' });
    expect(items.map(({ id }) => id)).toEqual([ann.id, bob.id, carl.id, 'pia']);
    expect(items).toMatchObject([
      { ...figures, rooms: ['den'], userAgent: 'Test/1.0', origin: 'https://app.example' },
      { ...figures, rooms: [] },
      { ...figures, rooms: ['den'] },
      { ...figures, rooms: [], protocol: 'peerjs' },
    ]);
    expect(items[0].framesIn).toBeGreaterThan(0);
    expect((await list({ figures: 'true', room: 'den' })).map(({ rooms }) => rooms)).toEqual([['den'], ['den']]);
    expect((await list({ figures: 'true', limit: 1 })).map(({ rooms }) => rooms)).toEqual([['den']]);
  });

  it('ask each node once for a page', async () => {
    await visitors.connectors(6);
    let asked = 0;
    for (const calls of server.everywhere(NodeCalls)) calls.handle('inspect clients', () => (asked++, []));
    await list({ figures: 'true' });
    expect(asked).toBe(server.everywhere(NodeIdentity).length);
    await list({ figures: 'false' });
    await list({});
    expect(asked).toBe(server.everywhere(NodeIdentity).length);
  });

  it('are left out without `figures=true`, and the total stays', async () => {
    await visitors.connectors(2);
    for (const query of [{}, { figures: 'false' }] as Query[]) {
      for (const item of await list(query)) expect(item).not.toHaveProperty('rooms');
    }
    expect((await server.api.get<ClientPage>('clients', { figures: 'true' })).body.total).toBe(2);
  });

  it.each<Query>([{ figures: 'yes' }, { figures: '' }, { figures: ['true', 'true'] }])('reject %j', async (query) => {
    expect(await server.api.get('clients', query)).toEqual(problem('bad-request'));
  });

  it('are left out for the clients of a node that does not answer, whose history is missing, too', async () => {
    const others = server.everywhere(NodeIdentity).slice(1);
    const clients = await visitors.connectors(4);
    for (const calls of server.everywhere(NodeCalls).slice(1)) {
      for (const method of ['inspect clients', 'node history'])
        calls.handle(method, () => new Promise(() => undefined));
    }
    // Of the first node, because a silent one would wait for itself.
    const { port } = server.app.getHttpServer().address() as AddressInfo;
    const first = new AdminApi(`http://127.0.0.1:${port}`, OPERATE_TOKEN);
    const silent = new Set(others.map(({ name }) => name));
    const { items } = (await first.get<ClientPage>('clients', { figures: 'true' })).body;
    expect(items.map(({ id }) => id)).toEqual(clients.map(({ id }) => id));
    for (const item of items) expect('rooms' in item).toBe(!silent.has(item.node));
    const { nodes, unreachable } = (await first.get<History>('history')).body;
    expect(nodes.map(({ name }) => name)).toEqual(['node-1']);
    expect(unreachable).toEqual([...silent].sort());
  });
});
