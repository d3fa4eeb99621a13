import { AccessHooks } from '../../../src/index.js';
import { RoomsService } from '../../../src/rooms/rooms.service.js';
import { becomes } from '../../support/becomes.js';
import { ConnectorClient, envelope, errorOf } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { seconds } from '../../support/issuer.js';
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

const EXPIRED = { code: 1008, reason: 'token expired' };
const UNAUTHORISED = errorOf('Unauthorised', 'A valid token is required.');

let server: TestServer;

beforeAll(async () => {
  server = await startSecured();
});

afterEach(async () => {
  EasyRtcClient.closeAll();
  await ConnectorClient.closeAll();
});

/** Signs a token that expires soon, but not before a client has connected. */
const soon = (sub: string, claims = {}): Promise<string> => tokenFor(sub, claims, { exp: seconds(3) });

const renew = (client: ConnectorClient, token?: unknown) => client.ask({ event: 'Authenticate', data: { token } });

describe('a token that expires', () => {
  it('ends a Peer2Peer Connector client, which leaves its rooms', async () => {
    const client = await connectorWith(server, await soon('ann'));
    await client.ask({ event: 'Create_Room', data: { room: 'r' } });
    expect(await client.next()).toEqual(UNAUTHORISED);
    expect(await client.closed).toEqual(EXPIRED);
    await becomes(() => server.everywhere(RoomsService)[0].find('default', 'r'), undefined);
  });

  it('ends a PeerJS client', async () => {
    const client = await peerWith(server, 'ann', await soon('ann'));
    expect(await client.next()).toEqual({ type: 'ERROR', payload: { msg: 'Invalid token provided' } });
    expect(await client.closed).toEqual(EXPIRED);
  });

  it('ends an EasyRTC client', async () => {
    const client = await easyrtcWith(server, await soon('ann'));
    expect(codeOf(await client.nextOf('error'))).toBe('LOGIN_BAD_AUTH');
    expect(await client.closed).toBe('io server disconnect');
  });

  it('cannot be used again', async () => {
    const token = await tokenFor('ann', {}, { exp: seconds(-1) });
    await expect(connectorWith(server, token)).rejects.toThrow('Unauthorised');
    await expect(peerWith(server, 'ann', token)).rejects.toThrow('Invalid token provided');
    await expect(easyrtcWith(server, token)).rejects.toThrow('LOGIN_BAD_AUTH');
  });
});

describe('a new token', () => {
  it('keeps a Peer2Peer Connector client connected', async () => {
    const client = await connectorWith(server, await soon('ann'));
    const exp = seconds(3600);
    expect(await renew(client, await tokenFor('ann', {}, { exp }))).toEqual(
      envelope('info', 'Authenticated', { expiresAt: new Date(exp * 1000).toISOString() }),
    );
    const other = await connectorWith(server, await soon('bob'));
    await other.closed;
    expect(await client.drain()).toEqual([]);
  });

  it('cannot be left out to lose the restrictions of the old one', async () => {
    const open = await startSecured({}, { required: false });
    const guest = await tokenFor(undefined, { signal: 'none', rooms: { join: [] } });
    const client = await connectorWith(open, guest);
    expect(await renew(client)).toEqual(UNAUTHORISED);
    expect(await client.closed).toMatchObject({ code: 1008 });
    const caller = await easyrtcWith(open, guest);
    expect(codeOf(await caller.authenticate({ applicationName: 'default' }))).toBe('LOGIN_BAD_AUTH');
  });

  it('cannot be left out where a hook is asked beside the token', async () => {
    const hooks = Object.assign(new AccessHooks(), { connect: () => ({}) });
    const extensions = [{ provide: AccessHooks, useValue: hooks }];
    const open = await startSecured({}, { required: false, extensions });
    const client = await connectorWith(open, await tokenFor(undefined, { signal: 'none' }));
    expect(await renew(client)).toEqual(UNAUTHORISED);
    const nobody = await ConnectorClient.connect(open.wsUrl);
    expect(await renew(nobody)).toMatchObject({ event: 'Authenticated' });
  });

  it('brings its rights and its restrictions', async () => {
    const boss = await connectorWith(server, await tokenFor('boss'));
    await boss.ask({ event: 'Create_Room', data: { room: 'secret' } });
    const client = await connectorWith(server, await tokenFor('ann', { signal: 'none' }));
    await renew(client, await tokenFor('ann'));
    client.send({ event: 'Offer', to: boss.id, data: 1 });
    expect(await boss.next('Offer')).toMatchObject({ from: client.id });
    await client.ask({ event: 'Join_Room', data: { room: 'secret' } });
    await boss.next('Client_Added');
    await renew(client, await tokenFor('ann', { rooms: { join: ['team-*'] } }));
    await boss.next('Client_Removed');
    expect(await client.ask({ event: 'Join_Room', data: { room: 'secret' } })).toMatchObject({ event: 'Unauthorised' });
  });

  it.each<[string, (id: string) => Promise<string | undefined>]>([
    ['that is bad', () => Promise.resolve('bad')],
    ['that is missing', () => Promise.resolve(undefined)],
    ['of another user', () => tokenFor('eve')],
    ['with another id', () => tokenFor('ann', { id: 'other' })],
    ['of another realm', () => tokenFor('ann', { realm: 'other' })],
    ['that has expired', () => tokenFor('ann', {}, { exp: seconds(-1) })],
  ])('%s ends a Peer2Peer Connector client', async (_, token) => {
    const client = await connectorWith(server, await tokenFor('ann'));
    expect(await renew(client, await token(client.id))).toEqual(UNAUTHORISED);
    expect(await client.closed).toEqual({ code: 1008, reason: 'refused' });
  });

  it('may name the id that the client has', async () => {
    const client = await connectorWith(server, await tokenFor('ann'));
    expect(await renew(client, await tokenFor('ann', { id: client.id }))).toMatchObject({ event: 'Authenticated' });
  });

  it('keeps an EasyRTC client logged in, with the name of the token', async () => {
    const client = await easyrtcWith(server, await soon('ann'), 'r');
    const { id } = client;
    const token = await client.login(loginWith(await tokenFor('ann', { name: 'Ann' }), 'r'));
    expect([token.easyrtcid, client.entry('r').username]).toEqual([id, 'Ann']);
    const other = await easyrtcWith(server, await soon('bob'));
    await other.closed;
    expect(await client.rest()).toEqual([]);
  });

  it('of another user ends an EasyRTC client', async () => {
    const client = await easyrtcWith(server, await tokenFor('ann'));
    expect(codeOf(await client.authenticate(loginWith(await tokenFor('eve'))))).toBe('LOGIN_BAD_AUTH');
    await client.closed;
  });

  it('lets an EasyRTC client stay only in rooms that it allows', async () => {
    const client = await easyrtcWith(server, await tokenFor('ann'), 'secret');
    const narrow = await tokenFor('ann', { rooms: { join: ['team-*'] } });
    expect(codeOf(await client.authenticate(loginWith(narrow, 'secret')))).toBe('LOGIN_BAD_ROOM');
  });

  it('keeps a PeerJS client that takes itself over, and expires in its own time', async () => {
    const first = await peerWith(server, 'ann', await tokenFor('ann'));
    const second = await peerWith(server, 'ann', await soon('ann'));
    expect(await first.closed).toMatchObject({ reason: 'replaced' });
    expect(await second.closed).toEqual(EXPIRED);
  });
});

it('is an unknown event where no tokens are checked', async () => {
  const open = await startSecured({ auth: { mode: 'none' } });
  const client = await ConnectorClient.connect(open.wsUrl, bearer('x'));
  const answer = await renew(client, 'x');
  expect(answer).toMatchObject({ event: 'Unsupported_Event' });
  expect((answer.data as { events: string[] }).events).toHaveLength(9);
});
