import type { ClientPage, RemovedClients } from '../../../src/admin/client.dto.js';
import { type AdminServer, problem, startAdminServer } from '../../support/admin-api.js';
import { rooms } from '../../support/easyrtc-client.js';
import { until } from '../../support/peerjs-socket.js';
import { makeRoom, Visitors } from '../../support/visitors.js';

describe('admin API: disconnecting many clients', () => {
  let server: AdminServer;
  let visitors: Visitors;

  beforeAll(async () => {
    server = await startAdminServer();
    visitors = new Visitors(server, server.api);
  });
  afterEach(() => visitors.leave());
  afterAll(() => server.close());

  const disconnect = (body: object) => server.api.post<RemovedClients>('clients/disconnect', body);
  const left = async () => (await server.api.get<ClientPage>('clients')).body.items.map(({ id }) => id);

  it('tells the reason to clients of all protocols in their own words', async () => {
    const reason = 'Maintenance at noon – please come back later';
    const ann = await visitors.connector();
    const peer = await visitors.peer('pia');
    const caller = await visitors.easyrtc();
    expect(await disconnect({ address: '127.0.0.1', reason })).toMatchObject({ status: 200, body: { removed: 3 } });
    expect(await ann.next('Disconnected')).toMatchObject({ type: 'error', data: { message: reason } });
    expect(await ann.closed).toEqual({ code: 1008, reason });
    expect(await peer.next('ERROR')).toEqual({ type: 'ERROR', payload: { msg: reason } });
    expect(await peer.closed).toEqual({ code: 1008, reason });
    expect(await caller.nextOf('error')).toMatchObject({ msgData: { errorCode: 'DISCONNECTED', errorText: reason } });
    await caller.closed;
    await until(async () => (await left()).length === 0);
  });

  it('cuts a long reason in close frames between two characters', async () => {
    const reason = 'ü'.repeat(100);
    const ann = await visitors.connector();
    await disconnect({ ids: [ann.id], reason });
    expect(await ann.next('Disconnected')).toMatchObject({ data: { message: reason } });
    expect(await ann.closed).toEqual({ code: 1008, reason: 'ü'.repeat(61) });
  });

  it('ends clients without a reason as ever', async () => {
    const ann = await visitors.connector();
    expect(await disconnect({ ids: [ann.id] })).toMatchObject({ body: { removed: 1 } });
    expect(await ann.closed).toEqual({ code: 1008, reason: 'removed' });
  });

  it('selects them by ids, user, address and room, all of which must match', async () => {
    const [ann, bob, cid] = await visitors.connectors(3);
    const stranger = await visitors.easyrtc({ applicationName: 'acme' });
    await stranger.command('roomJoin', { roomJoin: rooms('den') });
    await makeRoom('den', ann, bob);
    for (const body of [
      { ids: [] },
      { ids: ['nobody'] },
      { ids: [ann.id], address: '192.0.2.1' },
      { ids: [cid.id], room: 'den' },
      { ids: [ann.id], realm: 'acme' },
      { user: 'alice' },
      { address: '192.0.2.0/24' },
      { room: 'attic' },
    ]) {
      expect({ ...body, ...(await disconnect(body)).body }).toEqual({ ...body, removed: 0 });
    }
    expect(await disconnect({ ids: [ann.id, cid.id], address: '127.0.0.0/8', room: 'den' })).toMatchObject({
      body: { removed: 1 },
    });
    await ann.closed;
    expect(await disconnect({ room: 'den' })).toMatchObject({ body: { removed: 1 } });
    await bob.closed;
    await until(async () => (await left()).length === 2);
    expect(await left()).toEqual(expect.arrayContaining([cid.id, stranger.id]));
  });

  it('ends hundreds of clients', async () => {
    const clients = await visitors.connectors(450);
    expect(await disconnect({ address: '127.0.0.1' })).toMatchObject({ body: { removed: 450 } });
    await Promise.all(clients.map(({ closed }) => closed));
  });

  it.each([
    [{}],
    [{ realm: 'default', reason: 'why' }],
    [{ address: 'localhost' }],
    [{ ids: 'ann' }],
    [{ ids: [7] }],
    [{ ids: Array.from({ length: 1001 }, String) }],
    [{ user: 'alice', reason: 'x'.repeat(257) }],
    [{ users: ['alice'] }],
  ])('rejects %j', async (body) => {
    expect(await disconnect(body)).toEqual(problem('bad-request'));
  });

  it('needs a token with the role operate', async () => {
    expect(await server.reader.post('clients/disconnect', { user: 'alice' })).toEqual(problem('forbidden'));
  });
});
