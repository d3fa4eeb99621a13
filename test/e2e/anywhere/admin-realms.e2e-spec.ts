import type { RealmPage } from '../../../src/admin/realm.dto.js';
import { ConnectorTestClient } from '../../../src/testing/clients/connector-test-client.js';
import { AdminApi, type AdminServer, OPERATE_TOKEN, problem, startAdminServer } from '../../support/admin-api.js';
import { EventStream } from '../../support/event-stream.js';
import { atTeardown } from '../../support/teardown.js';

const BOUND = 'token-of-acme-alone';
const BOUND_TWICE = 'token-of-acme-and-beta';
const REALMS = {
  acme: { connectorPath: '/acme', limits: { maxClients: 3, maxRooms: 2, framesPerSecond: 50 } },
  beta: { connectorPath: '/beta' },
  gamma: { connectorPath: '/gamma' },
  default: {},
};

describe('admin API: realms', () => {
  let server: AdminServer;
  let bound: AdminApi;

  beforeAll(async () => {
    const adminTokens = [
      `olga:operate:${OPERATE_TOKEN}`,
      `anna:operate:${BOUND}:acme`,
      `ben:operate:${BOUND_TWICE}:acme,beta`,
    ];
    server = await startAdminServer({ adminTokens, realms: REALMS });
    bound = new AdminApi(server.url, BOUND);
  });
  afterEach(() => EventStream.closeAll());
  afterAll(() => server.close());

  async function connect(path: string): Promise<ConnectorTestClient> {
    const client = await ConnectorTestClient.connect(`${server.wsUrl}${path}`);
    atTeardown(() => client.close());
    return client;
  }

  const elsewhere = problem('forbidden', 'This token is bound to other realms.');

  it('are listed with their counts and limits, also those without clients', async () => {
    const client = await connect('/acme');
    client.send({ event: 'Create_Room', data: { room: 'den' } });
    await client.next('Room_Created');
    const flat = { maxRoomMembers: 1000, framesPerSecond: 200 };
    const acme = {
      realm: 'acme',
      clients: 1,
      rooms: 1,
      limits: { maxClients: 3, maxRooms: 2, maxRoomMembers: 1000, framesPerSecond: 50 },
    };
    const empty = (realm: string) => ({ realm, clients: 0, rooms: 0, limits: flat });
    const list = (api: AdminApi, query = {}) => api.get<RealmPage>('realms', query);
    expect((await list(server.api)).body.items).toEqual([acme, empty('beta'), empty('default'), empty('gamma')]);
    expect((await list(server.api, { limit: 2 })).body).toEqual({
      items: [acme, empty('beta')],
      cursor: 'beta',
      total: 4,
    });
    const rest = await list(server.api, { limit: 2, cursor: 'beta' });
    expect(rest.body).toEqual({ items: [empty('default'), empty('gamma')], total: 4 });
    expect((await list(bound)).body).toEqual({ items: [acme], total: 1 });
    expect((await list(new AdminApi(server.url, BOUND_TWICE))).body).toEqual({
      items: [acme, empty('beta')],
      total: 2,
    });
  });

  it('hide their clients and rooms from tokens of other realms', async () => {
    const [ours, theirs] = [await connect('/acme'), await connect('/beta')];
    for (const client of [ours, theirs]) {
      client.send({ event: 'Create_Room', data: { room: 'hall' } });
      await client.next('Room_Created');
    }
    const idsIn = async (api: AdminApi, path: string, query = {}) =>
      (await api.get<{ items: { id: string }[] }>(path, query)).body.items.map(({ id }) => id);
    expect(await idsIn(bound, 'clients')).toEqual([ours.id]);
    expect(await idsIn(bound, 'clients', { realm: 'acme', room: 'hall' })).toEqual([ours.id]);
    expect(await idsIn(new AdminApi(server.url, BOUND_TWICE), 'clients')).toEqual([ours.id, theirs.id]);
    const totalOf = async (path: string, query = {}) => (await bound.get<{ total: number }>(path, query)).body.total;
    expect([await totalOf('clients'), await totalOf('clients', { address: '127.0.0.1' })]).toEqual([1, 1]);
    expect([await totalOf('rooms'), await totalOf('rooms', { idPrefix: 'h' })]).toEqual([1, 1]);
    const rooms = await bound.get<{ items: { realm: string }[] }>('rooms');
    expect(rooms.body.items.map(({ realm }) => realm)).toEqual(['acme']);
    expect((await bound.get(['clients', ours.id], { realm: 'acme' })).status).toBe(200);

    const realm = 'beta';
    for (const answer of [
      await bound.get('clients', { realm }),
      await bound.get('clients', { realm, room: 'hall' }),
      await bound.get('clients', { room: 'hall' }),
      await bound.get(['clients', theirs.id], { realm }),
      await bound.get(['clients', theirs.id]),
      await bound.delete(['clients', theirs.id], undefined, { realm }),
      await bound.post(['clients', theirs.id, 'messages'], { data: 1 }, { realm }),
      await bound.get('rooms', { realm }),
      await bound.get(['rooms', 'hall'], { realm }),
      await bound.delete(['rooms', 'hall'], undefined, { realm }),
      await bound.delete(['rooms', 'hall', 'clients', theirs.id], undefined, { realm }),
      await bound.post(['rooms', 'hall', 'messages'], { data: 1 }, { realm }),
      await bound.post('rooms', { realm, id: 'new' }),
      await bound.post('rooms', { id: 'new' }),
      await bound.post('clients/disconnect', { user: 'bob', realm }),
      await bound.post('clients/disconnect', { ids: [theirs.id], realm }),
      await bound.post('clients/disconnect', { ids: [theirs.id] }),
      await bound.post('clients/disconnect', { room: 'hall' }),
      await bound.get('events', { realm }),
      await bound.get('clients', { realm: ['acme', 'beta'] }),
    ]) {
      expect(answer).toMatchObject(elsewhere);
    }
    const ofAddress = await bound.post('clients/disconnect', { address: '127.0.0.1' });
    expect(ofAddress).toMatchObject({ status: 200, body: { removed: 1 } });
    await ours.closed;
    expect((await server.api.get(['clients', theirs.id], { realm })).status).toBe(200);
  });

  it('let tokens that are bound to one act there', async () => {
    const client = await connect('/acme');
    expect((await bound.post(['clients', client.id, 'messages'], { data: 1 }, { realm: 'acme' })).status).toBe(204);
    expect(await client.next('Message')).toMatchObject({ data: 1 });
    expect((await bound.post('rooms', { realm: 'acme', id: 'ours' })).status).toBe(201);
    expect((await bound.delete(['rooms', 'ours'], undefined, { realm: 'acme' })).status).toBe(204);
  });

  it('keep nodes, totals and metrics from tokens that are bound to some', async () => {
    expect(await bound.get('nodes')).toMatchObject(elsewhere);
    expect(await bound.get('stats')).toMatchObject(elsewhere);
    expect(await bound.post(['nodes', 'node-1', 'drain'])).toMatchObject(elsewhere);
    const headers = { authorization: `Bearer ${BOUND}`, 'x-forwarded-for': '192.0.2.1' };
    expect((await fetch(`${server.url}/metrics`, { headers })).status).toBe(403);
  });

  it('stream no events to tokens of other realms', async () => {
    const stream = await EventStream.connect(bound);
    await (await connect('/beta')).close();
    const client = await connect('/acme');
    expect(await stream.next()).toMatchObject({
      event: 'client.connected',
      data: { realm: 'acme', client: client.id },
    });
  });
});
