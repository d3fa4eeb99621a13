import { once } from 'node:events';
import { WebSocket } from 'ws';
import { ClientDirectory } from '../../../src/clients/client-directory.js';
import { ClientsHere } from '../../../src/clients/clients-here.js';
import { AccessHooks } from '../../../src/identity/access-hooks.js';
import { ConnectorClient, errorOf } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { ID_TAKEN } from '../../support/peerjs-handshake.js';
import { PeerJsSocket, until } from '../../support/peerjs-socket.js';
import {
  bearer,
  codeOf,
  connectorWith,
  easyrtcWith,
  loginWith,
  peerWith,
  startSecured,
  tokenFor,
} from '../../support/secured.js';
import type { TestServer } from '../../support/server.js';

const INVALID = '{"type":"ERROR","payload":{"msg":"Invalid token provided"}}';
const REFUSED = { code: 1008, reason: 'refused' };

let server: TestServer;

afterEach(async () => {
  EasyRtcClient.closeAll();
  await ConnectorClient.closeAll();
});

/** Opens a WebSocket, and returns its first frame and its end. */
async function refusalAt(
  url: string,
  protocols: string[] = [],
  headers = {},
): Promise<{ frame: unknown; end: unknown }> {
  const ws = new WebSocket(url, protocols, { headers });
  const closed = once(ws, 'close').then(([code, reason]) => ({ code: code as number, reason: String(reason) }));
  const [data] = (await once(ws, 'message')) as [Buffer];
  return { frame: JSON.parse(data.toString()), end: await closed };
}

async function peerRefusal(id: string, token: string): Promise<string> {
  const socket = await PeerJsSocket.connect(server.wsUrl, { id, token });
  const text = socket.textOf(await socket.next());
  const { code } = await socket.closed;
  return `${code} ${text}`;
}

const entry = (id: string) => server.everywhere(ClientDirectory)[0].find('default', id);

describe('a Peer2Peer Connector client', () => {
  beforeEach(async () => {
    server = await startSecured();
  });

  const UNAUTHORISED = errorOf('Unauthorised', 'A valid token is required.');

  it.each<[string, (token: string) => [string, string[], Record<string, string>]]>([
    ['the header Authorization', (token) => ['', [], bearer(token).headers]],
    ['a subprotocol', (token) => ['', ['signalbox', `bearer.${token}`], {}]],
    ['a subprotocol before its own', (token) => ['', [`bearer.${token}`, 'signalbox'], {}]],
    ['the query', (token) => [`/?access_token=${token}`, [], {}]],
  ])('has its token in %s', async (_, how) => {
    const token = await tokenFor('ann');
    const [query, protocols, headers] = how(token);
    const ws = new WebSocket(`${server.wsUrl}${query}`, protocols, { headers });
    const upgraded = once(ws, 'upgrade') as Promise<[{ headers: object }]>;
    const [data] = (await once(ws, 'message')) as [Buffer];
    expect(JSON.parse(data.toString())).toMatchObject({ event: 'Client_Details' });
    expect(ws.protocol).toBe(protocols.length > 0 ? 'signalbox' : '');
    expect(JSON.stringify((await upgraded)[0].headers)).not.toContain(token);
    ws.terminate();
    const bad = how('bad');
    const { frame, end } = await refusalAt(`${server.wsUrl}${bad[0]}`, bad[1], bad[2]);
    expect([frame, end]).toEqual([UNAUTHORISED, REFUSED]);
  });

  it('is refused without a token', async () => {
    expect(await refusalAt(server.wsUrl)).toEqual({ frame: UNAUTHORISED, end: REFUSED });
  });

  it('uses the first token that it has', async () => {
    const good = await tokenFor('ann');
    expect(await refusalAt(`${server.wsUrl}/?access_token=${good}`, [], bearer('bad').headers)).toMatchObject({
      frame: UNAUTHORISED,
    });
    await ConnectorClient.connect(`${server.wsUrl}/?access_token=bad`, bearer(good));
  });

  it('gets the id of its token, and takes the place of the first client with it', async () => {
    const first = await connectorWith(server, await tokenFor('ann', { id: 'ann-1' }));
    expect(first.id).toBe('ann-1');
    const second = await connectorWith(server, await tokenFor('ann', { id: 'ann-1', name: 'other token' }));
    expect(second.id).toBe('ann-1');
    expect(await first.closed).toEqual({ code: 1000, reason: 'replaced' });
  });

  it('takes over an id that its token gives it without a user', async () => {
    const first = await connectorWith(server, await tokenFor(undefined, { id: 'ann-1' }));
    await connectorWith(server, await tokenFor(undefined, { id: 'ann-1', name: 'other token' }));
    expect(await first.closed).toMatchObject({ reason: 'replaced' });
  });

  it('is refused if its id belongs to another user', async () => {
    const first = await connectorWith(server, await tokenFor('ann', { id: 'shared' }));
    const { headers } = bearer(await tokenFor('bob', { id: 'shared' }));
    expect(await refusalAt(server.wsUrl, [], headers)).toEqual({
      frame: errorOf('Id_Taken', 'Client with given shared already exists.'),
      end: REFUSED,
    });
    expect(await first.drain()).toEqual([]);
  });
});

describe('a PeerJS client', () => {
  beforeEach(async () => {
    server = await startSecured();
  });

  it.each(['bad', 'a.b.c'])('is refused with the token %s', async (token) => {
    expect(await peerRefusal('ann', token)).toBe(`1008 ${INVALID}`);
  });

  it('is refused without a token', async () => {
    const socket = await PeerJsSocket.connect(server.wsUrl, { query: 'key=peerjs&id=ann' });
    expect(socket.textOf(await socket.next())).toBe(INVALID);
    expect(await socket.closed).toEqual(REFUSED);
  });

  it('may ask for the id of its token alone', async () => {
    const token = await tokenFor('ann', { id: 'ann-1' });
    await peerWith(server, 'ann-1', token);
    expect(await peerRefusal('ann-2', token)).toBe(`1008 ${INVALID}`);
    expect(await entry('ann-2')).toBeUndefined();
  });

  it('may ask for ids with the prefix of its token alone', async () => {
    const token = await tokenFor('ann', { idPrefix: 'ann-' });
    await peerWith(server, 'ann-1', token);
    await peerWith(server, 'ann-2', token);
    expect(await peerRefusal('bob', token)).toBe(`1008 ${INVALID}`);
  });

  it('takes itself over with a new token of the same user', async () => {
    const first = await peerWith(server, 'a', await tokenFor('ann'));
    await peerWith(server, 'a', await tokenFor('ann', { name: 'other token' }));
    expect(await first.closed).toMatchObject({ reason: 'replaced' });
  });

  it.each(['another user', undefined])('keeps its id if another client comes as %s', async (sub) => {
    const first = await peerWith(server, 'a', await tokenFor('ann'));
    expect(await peerRefusal('a', await tokenFor(sub))).toBe(`1008 ${ID_TAKEN}`);
    expect(await first.rest()).toEqual([]);
  });

  it('is taken over with the very same token if it has no user', async () => {
    const token = await tokenFor(undefined);
    const first = await peerWith(server, 'a', token);
    expect(await peerRefusal('a', await tokenFor(undefined, { name: 'other token' }))).toBe(`1008 ${ID_TAKEN}`);
    await peerWith(server, 'a', token);
    expect(await first.closed).toMatchObject({ reason: 'replaced' });
  });

  it('is refused with a token of another realm', async () => {
    expect(await peerRefusal('ann', await tokenFor('ann', { realm: 'other' }))).toBe(`1008 ${INVALID}`);
    await peerWith(server, 'ann', await tokenFor('ann', { realm: 'default' }));
  });
});

describe('an EasyRTC client', () => {
  beforeEach(async () => {
    server = await startSecured();
  });

  it.each<[string, object]>([
    ['without a credential', {}],
    ['with a bad token', loginWith('bad')],
    ['with a token of another type', { credential: { token: 1 } }],
    ['with another credential', { credential: { password: 'x' } }],
  ])('is refused %s', async (_, msgData) => {
    const client = await EasyRtcClient.connect(server.url);
    expect(codeOf(await client.authenticate({ applicationName: 'default', ...msgData }))).toBe('LOGIN_BAD_AUTH');
    expect(await client.closed).toBe('io server disconnect');
  });

  it.each([['polling'], ['websocket']])('gets id, name and groups of its token over %s', async (transport) => {
    const token = await tokenFor('ann', { id: 'annid', name: 'Ann', groups: ['staff'] });
    const options = { transports: [transport] };
    const ann = await EasyRtcClient.login(server.url, { ...loginWith(token), username: 'claimed' }, options);
    expect([ann.id, ann.entry().username]).toEqual(['annid', 'Ann']);
    const bob = await easyrtcWith(server, await tokenFor('bob', { groups: ['staff'] }));
    const sent = await bob.message({ msgType: 'm', msgData: 1, targetGroup: 'staff' });
    expect(sent).toEqual({ msgType: 'ack' });
    expect(await ann.nextOf('m')).toMatchObject({ senderEasyrtcid: bob.id, msgData: 1 });
  });

  it('takes the place of the first client of its user with the same id, and of no other', async () => {
    const first = await easyrtcWith(server, await tokenFor('ann', { id: 'annid' }));
    const eve = await EasyRtcClient.connect(server.url);
    expect(codeOf(await eve.authenticate(loginWith(await tokenFor('eve', { id: 'annid' }))))).toBe('LOGIN_GEN_FAIL');
    const second = await easyrtcWith(server, await tokenFor('ann', { id: 'annid', name: 'other token' }));
    expect([second.id, await first.closed]).toEqual(['annid', 'io server disconnect']);
  });
});

describe('a user', () => {
  it('has one id in all protocols', async () => {
    server = await startSecured();
    const token = await tokenFor('ann', { id: 'ann-1' });
    const peer = await peerWith(server, 'ann-1', token);
    const connector = await connectorWith(server, token);
    expect(await peer.closed).toMatchObject({ reason: 'replaced' });
    await easyrtcWith(server, token);
    expect(await connector.closed).toMatchObject({ reason: 'replaced' });
  });
});

describe('where a token is not required', () => {
  beforeEach(async () => {
    server = await startSecured({}, { required: false });
  });

  it('admits clients without one, as nobody', async () => {
    await ConnectorClient.connect(server.wsUrl);
    await EasyRtcClient.login(server.url, { applicationName: 'default' });
    const socket = await PeerJsSocket.connect(server.wsUrl, { query: 'key=peerjs&id=ann&token=' });
    expect(await socket.next()).toEqual({ type: 'OPEN' });
  });

  it('refuses a bad token', async () => {
    expect(await refusalAt(server.wsUrl, [], bearer('bad').headers)).toMatchObject({ end: REFUSED });
    expect(await peerRefusal('ann', 'random')).toBe(`1008 ${INVALID}`);
    const easyrtc = await EasyRtcClient.connect(server.url);
    expect(codeOf(await easyrtc.authenticate(loginWith('bad')))).toBe('LOGIN_BAD_AUTH');
  });

  it('admits PeerJS clients with a token that the library makes up, which take themselves over with it', async () => {
    const token = 'k3j9x0q2m1';
    const first = await peerWith(server, 'ann', token);
    expect(await peerRefusal('ann', 'k3j9x0q2m2')).toBe(`1008 ${ID_TAKEN}`);
    const [owner] = server.everywhere(ClientsHere).flatMap((here) => here.get('default', 'ann') ?? []);
    expect(owner?.token).toMatch(/^hash:/);
    await peerWith(server, 'ann', token);
    expect(await first.closed).toMatchObject({ reason: 'replaced' });
    expect(await entry('ann')).not.toHaveProperty('user');
  });

  it('lets nobody take over the id of a user', async () => {
    await peerWith(server, 'ann', await tokenFor('ann'));
    const socket = await PeerJsSocket.connect(server.wsUrl, { query: 'key=peerjs&id=ann&token=' });
    expect(socket.textOf(await socket.next())).toBe(ID_TAKEN);
  });
});

describe('with hooks and no tokens', () => {
  it('does not let a chosen token pass for a user', async () => {
    class Hooks extends AccessHooks {
      override connect({ token }: { token?: string }): { sub?: string } {
        return token === 'ann’s secret' ? { sub: 'ann' } : {};
      }
    }
    server = await startSecured({ auth: { mode: 'none' } } as never, {
      extensions: [{ provide: AccessHooks, useClass: Hooks }],
    });
    await peerWith(server, 'ann', 'ann’s secret');
    expect(await peerRefusal('ann', 'sub:ann')).toBe(`1008 ${ID_TAKEN}`);
    const other = await peerWith(server, 'bob', 'sub:ann');
    await until(async () => (await entry('bob')) !== undefined);
    await peerWith(server, 'bob', 'sub:ann');
    expect(await other.closed).toMatchObject({ reason: 'replaced' });
  });
});
