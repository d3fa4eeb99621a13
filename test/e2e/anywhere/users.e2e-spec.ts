import { once } from 'node:events';
import { jest } from '@jest/globals';
import { WebSocket } from 'ws';
import type { ClientDetail, ClientPage, RemovedClients } from '../../../src/admin/client.dto.js';
import { ClientDirectory } from '../../../src/clients/client-directory.js';
import { ServerEvents } from '../../../src/index.js';
import {
  AdminApi,
  type AdminServer,
  OPERATE_TOKEN,
  problem,
  READ_TOKEN,
  startAdminServer,
} from '../../support/admin-api.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { Gate } from '../../support/hooked-server.js';
import { secretToken } from '../../support/issuer.js';
import { PeerJsSocket, until } from '../../support/peerjs-socket.js';
import { makeRoom } from '../../support/visitors.js';

const BOUND_TOKEN = 'bea-may-only-change-acme';
const SECRET = 'a secret of enough characters';
const AUTH = { mode: 'jwt', jwt: { secret: SECRET } } as const;
const ALICE = { name: 'Alice', attributes: { plan: 'pro', seats: [1, 2] } };

describe('users', () => {
  let server: AdminServer;
  const events: [name: string, event: object][] = [];

  beforeAll(async () => {
    const realms = {
      default: { connectorPath: '/', auth: AUTH, limits: { maxClientsPerUser: 2 } },
      acme: { peerjsKeys: ['acme-key'], auth: AUTH },
    };
    const adminTokens = [`olga:operate:${OPERATE_TOKEN}`, `rudi:read:${READ_TOKEN}`, `bea:operate:${BOUND_TOKEN}:acme`];
    server = await startAdminServer({ realms, adminTokens });
    for (const at of server.everywhere(ServerEvents)) {
      for (const name of ['client.connected', 'client.disconnected', 'room.joined', 'room.left'] as const) {
        at.on(name, (event) => events.push([name, event]));
      }
    }
  });

  afterEach(async () => {
    await ConnectorClient.closeAll();
    await until(async () => (await list()).length === 0);
    events.length = 0;
  });

  const tokenOf = (sub: string, signalbox?: object) => secretToken(SECRET, { sub, signalbox });
  const connect = async (sub: string, signalbox?: object) =>
    ConnectorClient.connect(`${server.wsUrl}/?access_token=${await tokenOf(sub, signalbox)}`);
  const connectAcme = async (sub: string, id: string) =>
    PeerJsSocket.open(server.wsUrl, { id, key: 'acme-key', token: await tokenOf(sub) });
  const list = async (query = {}) => (await server.api.get<ClientPage>('clients', query)).body.items;
  const isOf = (event: object, id: string) => 'client' in event && event.client === id;
  const idsOf = (items: readonly { id: string }[]) => items.map(({ id }) => id).sort();

  it('are shown with name and attributes in lists, details and events', async () => {
    const { id } = await connect('alice', ALICE);
    const bob = await connect('bob');
    const user = { user: 'alice', ...ALICE };
    const shown = { id, ...user };
    expect(await list({ user: 'alice' })).toEqual([expect.objectContaining(shown)]);
    expect((await server.api.get<ClientDetail>(['clients', id])).body).toMatchObject(shown);
    expect(idsOf(await list({ user: 'bob' }))).toEqual([bob.id]);
    expect(await list({ user: 'nobody' })).toEqual([]);
    const { name, attributes } = (await server.api.get<ClientDetail>(['clients', bob.id])).body;
    expect([name, attributes]).toEqual([undefined, undefined]);
    expect(events.find(([, event]) => 'client' in event && event.client === id)).toEqual([
      'client.connected',
      expect.objectContaining({ client: id, ...user }),
    ]);
  });

  it('are shown when members of a room are listed, and in the events of rooms', async () => {
    const [alice, bob] = [await connect('alice', ALICE), await connect('bob')];
    await makeRoom('den', bob, alice);
    expect(await list({ room: 'den', user: 'alice' })).toEqual([expect.objectContaining({ id: alice.id, ...ALICE })]);
    alice.terminate();
    await until(() => events.some(([name]) => name === 'room.left'));
    const ofRooms = events.filter(([name, event]) => name.startsWith('room') && 'user' in event && event.user === 'alice'); // prettier-ignore
    expect(ofRooms.map(([name]) => name)).toEqual(['room.joined', 'room.left']);
  });

  it('lose all their clients on all nodes and realms, or in one realm', async () => {
    const gone = await Promise.all([connect('alice'), connect('alice'), connectAcme('alice', 'alice-1')]);
    const kept = await connect('bob');
    const remove = (query = {}) => server.api.delete<RemovedClients>(['users', 'alice'], undefined, query);
    expect(await remove({ realm: 'acme' })).toMatchObject({ status: 200, body: { removed: 1 } });
    await gone[2].closed;
    expect(await remove()).toMatchObject({ status: 200, body: { removed: 2 } });
    await Promise.all(gone.map(({ closed }) => closed));
    await until(async () => (await list()).length === 1);
    expect(idsOf(await list())).toEqual([kept.id]);
    expect(await remove()).toMatchObject({ status: 200, body: { removed: 0 } });
    expect(await server.reader.delete(['users', 'bob'])).toEqual(problem('forbidden'));
    expect(idsOf(await list())).toEqual([kept.id]);
  });

  it('lose a client that is still claiming its id', async () => {
    const gate = new Gate();
    for (const directory of server.everywhere(ClientDirectory)) {
      const claim = directory.claim.bind(directory);
      jest.spyOn(directory, 'claim').mockImplementation((...claimed) => gate.pass().then(() => claim(...claimed)));
    }
    const socket = new WebSocket(`${server.wsUrl}/?access_token=${await tokenOf('alice')}`);
    const closed = once(socket, 'close');
    await gate.reached;
    expect(await server.api.delete(['users', 'alice'])).toMatchObject({ status: 200, body: { removed: 1 } });
    gate.open();
    jest.restoreAllMocks();
    expect(String((await closed)[1])).toBe('removed');
    await until(async () => (await list()).length === 0);
  });

  it('have the session in the event when the server takes their client out of a room', async () => {
    const [alice, bob] = [await connect('alice'), await connect('bob')];
    await makeRoom('den', bob, alice);
    expect((await server.api.delete(['rooms', 'den', 'clients', alice.id])).status).toBe(204);
    const left = () => events.find(([name]) => name === 'room.left')?.[1];
    await until(() => left() !== undefined);
    const connected = events.find(([name, event]) => name === 'client.connected' && isOf(event, alice.id))?.[1];
    expect(connected).toMatchObject({ user: 'alice' });
    const { session } = connected as { readonly session?: string };
    expect(left()).toMatchObject({ room: 'den', client: alice.id, session });
  });

  it('lose no clients of realms to which an admin token is not bound', async () => {
    const kept = await connect('alice');
    const gone = await connectAcme('alice', 'alice-3');
    const bound = new AdminApi(server.url, BOUND_TOKEN);
    expect((await bound.delete(['users', 'alice'], undefined, { realm: 'default' })).status).toBe(403);
    expect(await bound.delete(['users', 'alice'])).toMatchObject({ status: 200, body: { removed: 1 } });
    await gone.closed;
    expect(idsOf(await list({ user: 'alice', realm: 'default' }))).toEqual([kept.id]);
  });

  it('have no more clients than maxClientsPerUser on all nodes', async () => {
    const [one] = await Promise.all([connect('alice', { id: 'a' }), connect('alice')]);
    await expect(connect('alice')).rejects.toThrow('No more than 2 clients are allowed.');
    await connect('bob');
    const elsewhere = await connectAcme('alice', 'alice-2');
    // A takeover does not count twice.
    await connect('alice', { id: 'a' });
    await one.closed;
    expect(await list({ user: 'alice', realm: 'default' })).toHaveLength(2);
    await expect(connect('alice')).rejects.toThrow('No more than 2 clients are allowed.');
    await elsewhere.close();
    await ConnectorClient.closeAll();
    await until(async () => (await list()).length === 0);
    await connect('alice');
  });
});
