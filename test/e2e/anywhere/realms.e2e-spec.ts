import { Realms } from '../../../src/realms/realms.js';
import { RoomsService } from '../../../src/rooms/rooms.service.js';
import { ConnectorTestClient } from '../../../src/testing/clients/connector-test-client.js';
import { EasyRtcTestClient } from '../../../src/testing/clients/easyrtc-test-client.js';
import { PeerJsTestClient } from '../../../src/testing/clients/peerjs-test-client.js';
import { AdminApi, OPERATE_TOKEN } from '../../support/admin-api.js';
import { secretToken } from '../../support/issuer.js';
import { startServer, type TestServer } from '../../support/server.js';
import { atTeardown } from '../../support/teardown.js';

const REALMS = {
  acme: { connectorPath: '/acme', peerjsKeys: ['acme-key'], easyrtcApplications: ['acme-app'] },
  beta: { connectorPath: '/beta/', peerjsKeys: 'beta-key', easyrtcApplications: 'beta-app' },
};

const KEY = 'a secret of enough characters';
const TOKENS = { auth: { mode: 'jwt', jwt: { secret: KEY } } } as const;

/** Disconnects a client after the test. */
async function kept<T extends { close(): Promise<unknown> }>(client: Promise<T>): Promise<T> {
  const opened = await client;
  atTeardown(() => opened.close());
  return opened;
}

function connector({ wsUrl }: TestServer, path: string): Promise<ConnectorTestClient> {
  return kept(ConnectorTestClient.connect(`${wsUrl}${path}`));
}

function peer({ wsUrl }: TestServer, key: string, id?: string): Promise<PeerJsTestClient> {
  return kept(PeerJsTestClient.connect(wsUrl, { key, id }));
}

function easyrtc({ wsUrl }: TestServer, applicationName: string, rooms?: string[]): Promise<EasyRtcTestClient> {
  return kept(EasyRtcTestClient.connect(wsUrl, { applicationName, rooms }));
}

describe('realms', () => {
  it('have doors for each protocol, behind which clients see only their own realm', async () => {
    const server = await startServer({ realms: REALMS });
    const [ann, bob] = [await connector(server, '/acme?x=1'), await peer(server, 'acme-key', 'bob')];
    const cleo = await easyrtc(server, 'acme-app');
    ann.send({ event: 'Offer', to: 'bob', data: 1 });
    expect(await bob.next('OFFER')).toMatchObject({ src: ann.id });
    ann.send({ event: 'Offer', to: cleo.id, data: 2 });
    expect(await cleo.next('offer')).toMatchObject({ senderEasyrtcid: ann.id, msgData: 2 });

    const stranger = await connector(server, '/beta');
    stranger.send({ event: 'Offer', to: 'bob', data: 3 });
    expect(await stranger.next('Not_Found')).toHaveProperty('type', 'error');
    // The same id is free in another realm.
    await peer(server, 'beta-key', 'bob');
    await easyrtc(server, 'beta-app');
  });

  it('leave no other door open', async () => {
    const server = await startServer({ realms: REALMS });
    for (const path of ['', '/acme/x', '/default']) await expect(connector(server, path)).rejects.toThrow('404');
    await expect(peer(server, 'peerjs')).rejects.toThrow('Invalid key provided');
    for (const name of ['default', 'acme', 'any']) {
      await expect(easyrtc(server, name)).rejects.toThrow('LOGIN_APP_AUTH_FAIL');
    }
    expect((await fetch(`${server.url}/peerjs/id`)).status).toBe(401);
  });

  it('leave the flat doors to the realm default', async () => {
    const server = await startServer({ realms: { ...REALMS, default: {} } });
    const [ann, bob] = [await connector(server, ''), await peer(server, 'peerjs', 'bob')];
    ann.send({ event: 'Offer', to: 'bob', data: 1 });
    expect(await bob.next('OFFER')).toMatchObject({ src: ann.id });
    await easyrtc(server, 'default');
    await expect(easyrtc(server, 'any')).rejects.toThrow('LOGIN_APP_AUTH_FAIL');
  });
});

describe('the limits of a realm', () => {
  it('bound its clients on each node, over all protocols, and let a client take its own id over', async () => {
    const server = await startServer({
      realms: { acme: { ...REALMS.acme, limits: { maxClients: 2 } }, beta: REALMS.beta },
    });
    const nodes = server.everywhere(Realms).length;
    const options = { key: 'acme-key', id: 'ann', token: 't' };
    const first = await kept(PeerJsTestClient.connect(server.wsUrl, options));
    for (let i = 1; i < 2 * nodes; i++) await connector(server, '/acme');
    for (let i = 0; i < nodes; i++) {
      await expect(peer(server, 'acme-key')).rejects.toThrow('Server has reached its concurrent user limit');
      await expect(easyrtc(server, 'acme-app')).rejects.toThrow('LOGIN_GEN_FAIL');
    }
    await kept(PeerJsTestClient.connect(server.wsUrl, options));
    await first.closed;
    await peer(server, 'beta-key');
  });

  it('give a place back when a client disconnects', async () => {
    const server = await startServer({ realms: { acme: { ...REALMS.acme, limits: { maxClients: 1 } } } });
    for (let i = 0; i < 5; i++) await (await connector(server, '/acme')).close();
  });

  it('bound its rooms and their members on all nodes', async () => {
    const limits = { maxRooms: 2, maxRoomMembers: 2 };
    const server = await startServer({ realms: { acme: { ...REALMS.acme, limits }, beta: REALMS.beta } });
    const [ann, bob, cleo] = [
      await connector(server, '/acme'),
      await connector(server, '/acme'),
      await connector(server, '/acme'),
    ];
    const ask = async (client: ConnectorTestClient, event: string, room: string, wanted: string) => {
      client.send({ event, data: { room } });
      return client.next(wanted);
    };
    await ask(ann, 'Create_Room', 'x', 'Room_Created');
    await ask(bob, 'Create_Room', 'y', 'Room_Created');
    const tooMany = await ask(cleo, 'Create_Room', 'z', 'Limit_Exceeded');
    expect(tooMany).toMatchObject({ data: { message: 'No more than 2 rooms of a realm are allowed.' } });
    await ask(bob, 'Join_Room', 'x', 'Client_Added');
    const tooFull = await ask(cleo, 'Join_Room', 'x', 'Limit_Exceeded');
    expect(tooFull).toMatchObject({ data: { message: 'No more than 2 members of a room are allowed.' } });
    await expect(easyrtc(server, 'acme-app', ['z'])).rejects.toThrow();
    await easyrtc(server, 'beta-app', ['a', 'b', 'c']);
  });

  it('bound the rate of its connections', async () => {
    const limits = { framesPerSecond: 1 };
    const server = await startServer({
      frameBurst: 5,
      realms: { acme: { ...REALMS.acme, limits }, beta: REALMS.beta },
    });
    const [ann, bob] = [await connector(server, '/acme'), await connector(server, '/beta')];
    for (let i = 0; i < 20; i++)
      for (const client of [ann, bob]) client.send({ event: 'Leave_Room', data: { room: 'x' } });
    expect(await ann.closed).toMatchObject({ code: 1008, reason: 'rate exceeded' });
    for (let i = 0; i < 20; i++) await bob.next('Not_Found');
  });
});

describe('the origins of a realm', () => {
  const origins = (origin: string) => ({ headers: { origin } });

  it('decide which pages may connect', async () => {
    const acme = { ...REALMS.acme, origins: 'https://acme.example' };
    const server = await startServer({ cors: ['https://all.example'], realms: { acme, beta: REALMS.beta } });
    const connect = (path: string, origin: string) =>
      kept(ConnectorTestClient.connect(`${server.wsUrl}${path}`, origins(origin)));
    await connect('/acme', 'https://acme.example');
    await connect('/beta', 'https://all.example');
    await expect(connect('/acme', 'https://all.example')).rejects.toThrow('403');
    await expect(connect('/beta', 'https://acme.example')).rejects.toThrow('403');
    await expect(connect('/beta', 'https://other.example')).rejects.toThrow('403');
    await connector(server, '/acme');

    const key = 'acme-key';
    const open = (origin: string) => kept(PeerJsTestClient.connect(server.wsUrl, { key, ...origins(origin) }));
    await open('https://acme.example');
    await expect(open('https://all.example')).rejects.toThrow('403');
    const login = (origin: string) =>
      kept(EasyRtcTestClient.connect(server.wsUrl, { applicationName: 'acme-app', ...origins(origin) }));
    await login('https://acme.example');
    await expect(login('https://all.example')).rejects.toThrow('LOGIN_');
  });
});

describe('rooms.create', () => {
  it.each(['permitted', 'nobody'] as const)('%s keeps clients without a claim from creating rooms', async (create) => {
    const server = await startServer({ realms: { acme: { ...REALMS.acme, rooms: { create } }, beta: REALMS.beta } });
    for (const rooms of server.everywhere(RoomsService).slice(0, 1))
      await rooms.createPermanent('acme', { id: 'hall' });
    const ann = await connector(server, '/acme');
    ann.send({ event: 'Create_Room', data: { room: 'x' } });
    expect(await ann.next('Unauthorised')).toMatchObject({ data: { message: 'You are not allowed to do this.' } });
    ann.send({ event: 'Join_Room', data: { room: 'hall' } });
    await ann.next('Client_Added');
    await expect(easyrtc(server, 'acme-app', ['x'])).rejects.toThrow('LOGIN_BAD_ROOM');
    const cleo = await easyrtc(server, 'acme-app', ['hall']);
    expect(Object.keys(cleo.token.roomData as object)).toEqual(['hall']);
    // Nor does a login without rooms create the room "default".
    const dan = await easyrtc(server, 'acme-app');
    expect(dan.token.roomData).toEqual({});
    await easyrtc(server, 'beta-app', ['x']);
  });

  it('permitted lets a client with the claim create the rooms of its list', async () => {
    const acme = { ...REALMS.acme, ...TOKENS, rooms: { create: 'permitted' } } as const;
    const server = await startServer({ realms: { acme } });
    const token = await secretToken(KEY, { sub: 'ann', signalbox: { rooms: { create: ['team-*'] } } });
    const ann = await connector(server, `/acme?access_token=${token}`);
    ann.send({ event: 'Create_Room', data: { room: 'team-1' } });
    await ann.next('Room_Created');
    ann.send({ event: 'Create_Room', data: { room: 'other' } });
    await ann.next('Unauthorised');
  });

  it('nobody leaves it to the admin API and to modules, whatever a token says', async () => {
    const acme = { ...REALMS.acme, ...TOKENS, rooms: { create: 'nobody' } } as const;
    const server = await startServer({ realms: { acme }, adminTokens: [`olga:operate:${OPERATE_TOKEN}`] });
    const token = await secretToken(KEY, { sub: 'ann', signalbox: { rooms: { create: ['team-*'] } } });
    const ann = await connector(server, `/acme?access_token=${token}`);
    ann.send({ event: 'Create_Room', data: { room: 'team-1' } });
    await ann.next('Unauthorised');
    const api = new AdminApi(server.url, OPERATE_TOKEN);
    const { status } = await api.request('POST', 'rooms', { body: { id: 'team-1', realm: 'acme' } });
    expect(status).toBe(201);
  });
});

describe('auth of a realm', () => {
  const ACME_AND_BETA = { acme: { ...REALMS.acme, ...TOKENS }, beta: REALMS.beta };

  it('asks for a token at all doors of that realm, and at no others', async () => {
    const server = await startServer({ realms: ACME_AND_BETA, allowDiscovery: true });
    await expect(connector(server, '/acme')).rejects.toThrow();
    await expect(peer(server, 'acme-key')).rejects.toThrow('Invalid token provided');
    await expect(easyrtc(server, 'acme-app')).rejects.toThrow('LOGIN_BAD_AUTH');
    await connector(server, '/beta');
    await peer(server, 'beta-key');
    await easyrtc(server, 'beta-app');

    const token = await secretToken(KEY, { sub: 'ann' });
    await connector(server, `/acme?access_token=${token}`);
    await kept(PeerJsTestClient.connect(server.wsUrl, { key: 'acme-key', token }));
    await kept(EasyRtcTestClient.connect(server.wsUrl, { applicationName: 'acme-app', credential: { token } }));
  });

  it.each([
    ['/acme-key/peers', '/beta-key/peers'],
    ['/acme-key/ice-servers', '/beta-key/ice-servers'],
    ['/ice-servers?realm=acme', '/ice-servers?realm=beta'],
  ])('asks for a token at %s, and not at %s', async (acme, beta) => {
    const { url } = await startServer({ realms: ACME_AND_BETA, allowDiscovery: true });
    const without = await fetch(url + acme);
    expect([without.status, without.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    const headers = { authorization: `Bearer ${await secretToken(KEY, { sub: 'ann' })}` };
    expect((await fetch(url + acme, { headers })).status).toBe(200);
    expect((await fetch(url + beta)).status).toBe(200);
  });

  it('is the flat option for what the realm does not give', async () => {
    const realms = { acme: REALMS.acme, beta: { ...REALMS.beta, auth: { mode: 'none' } } } as const;
    const server = await startServer({ ...TOKENS, realms });
    await expect(peer(server, 'acme-key')).rejects.toThrow('Invalid token provided');
    await peer(server, 'beta-key');
  });
});
