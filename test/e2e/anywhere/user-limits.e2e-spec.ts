import { once } from 'node:events';
import { WebSocket } from 'ws';
import { becomes } from '../../support/becomes.js';
import { ConnectorClient, errorOf } from '../../support/connector-client.js';
import { EasyRtcClient, errorOf as easyrtcError } from '../../support/easyrtc-client.js';
import { PeerJsSocket } from '../../support/peerjs-socket.js';
import { bearer, connectorWith, easyrtcWith, loginWith, peerWith, SECURED, startSecured, tokenFor } from '../../support/secured.js'; // prettier-ignore
import type { TestServer } from '../../support/server.js';

/** The realm has the doors of all protocols. */
const REALMS = { default: { auth: SECURED, limits: { maxClientsPerUser: 2 } } };

let server: TestServer;

beforeEach(async () => {
  server = await startSecured({ realms: REALMS });
});

afterEach(async () => {
  EasyRtcClient.closeAll();
  await ConnectorClient.closeAll();
});

const tokenOf = (sub: string, claims = {}): Promise<string> => tokenFor(sub, claims);

/** Whether a client of each protocol gets in. Those that do leave again. */
async function admitted(sub: string): Promise<boolean[]> {
  const token = await tokenOf(sub);
  const outcomes: boolean[] = [];
  for (const enter of [
    async () => (await connectorWith(server, token)).close(),
    async () => (await peerWith(server, `one more of ${sub}`, token)).close(),
    async () => (await easyrtcWith(server, token)).close(),
  ]) {
    outcomes.push(
      await enter().then(
        () => true,
        () => false,
      ),
    );
  }
  return outcomes;
}

const NONE = [false, false, false];
const ALL = [true, true, true];

describe('beyond maxClientsPerUser', () => {
  it('a Peer2Peer Connector client gets Limit_Exceeded, and is closed', async () => {
    await connectorWith(server, await tokenOf('ann'));
    await peerWith(server, 'ann', await tokenOf('ann'));
    const socket = new WebSocket(server.wsUrl, bearer(await tokenOf('ann')));
    const closed = once(socket, 'close');
    const [frame] = (await once(socket, 'message')) as [Buffer];
    const text = 'No more than 2 clients are allowed.';
    expect(JSON.parse(frame.toString())).toEqual(errorOf('Limit_Exceeded', text));
    expect((await closed)[0]).toBe(1008);
  });

  it('a PeerJS client gets the error of a full server, and is closed', async () => {
    await connectorWith(server, await tokenOf('ann'));
    await easyrtcWith(server, await tokenOf('ann'));
    const peer = await PeerJsSocket.connect(server.wsUrl, { id: 'ann', token: await tokenOf('ann') });
    const msg = 'Server has reached its concurrent user limit';
    expect(await peer.next()).toEqual({ type: 'ERROR', payload: { msg } });
    expect(await peer.closed).toMatchObject({ code: 1008 });
  });

  it('an EasyRTC client gets LOGIN_GEN_FAIL, and is disconnected', async () => {
    await peerWith(server, 'one', await tokenOf('ann'));
    await peerWith(server, 'two', await tokenOf('ann'));
    const client = await EasyRtcClient.connect(server.url);
    expect(await client.authenticate(loginWith(await tokenOf('ann')))).toEqual(easyrtcError('LOGIN_GEN_FAIL'));
    expect(await client.closed).toBe('io server disconnect');
  });

  it('other users, and clients that take themselves over, get in', async () => {
    const first = await peerWith(server, 'one', await tokenOf('ann'));
    await connectorWith(server, await tokenOf('ann', { id: 'two' }));
    expect(await admitted('ann')).toEqual(NONE);
    expect(await admitted('bob')).toEqual(ALL);
    await peerWith(server, 'one', await tokenOf('ann'));
    expect(await first.closed).toMatchObject({ reason: 'replaced' });
    await connectorWith(server, await tokenOf('ann', { id: 'two' }));
    expect(await admitted('ann')).toEqual(NONE);
  });
});

it.each<[string, () => Promise<{ close(): Promise<unknown> }>]>([
  ['Peer2Peer Connector', async () => connectorWith(server, await tokenOf('ann'))],
  ['PeerJS', async () => peerWith(server, 'ann', await tokenOf('ann'))],
  ['EasyRTC', async () => easyrtcWith(server, await tokenOf('ann'))],
])('the place of a %s client is free as soon as it has left', async (_, enter) => {
  await connectorWith(server, await tokenOf('ann'));
  const leaver = await enter();
  expect(await admitted('ann')).toEqual(NONE);
  await leaver.close();
  await becomes(() => admitted('ann'), ALL);
});

it('of many connections of one user at once exactly two get in', async () => {
  const token = await tokenOf('ann');
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, (_, at) => [
      connectorWith(server, token),
      peerWith(server, `peer ${at}`, token),
      easyrtcWith(server, token),
    ]).flat(),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
});
