import { AdminApi, empty, OPERATE_TOKEN } from '../../support/admin-api.js';
import { ConnectorClient, errorOf } from '../../support/connector-client.js';
import { ACK, EasyRtcClient } from '../../support/easyrtc-client.js';
import { codeOf, connectorWith, easyrtcWith, peerWith, startSecured, tokenFor } from '../../support/secured.js';
import type { TestServer } from '../../support/server.js';

const FORBIDDEN = errorOf('Unauthorised', 'You are not allowed to do this.');

let server: TestServer;

beforeEach(async () => {
  server = await startSecured({ queueSweepMs: 50 });
});

afterEach(async () => {
  EasyRtcClient.closeAll();
  await ConnectorClient.closeAll();
});

async function connectorTo(sub: string, signal: string, room?: string): Promise<ConnectorClient> {
  const client = await connectorWith(server, await tokenFor(sub, { signal }));
  if (room !== undefined) await client.ask({ event: 'Join_Room', data: { room } });
  return client;
}

async function free(): Promise<ConnectorClient> {
  const client = await connectorTo('bob', 'any');
  await client.ask({ event: 'Create_Room', data: { room: 'r' } });
  return client;
}

const events = async (client: ConnectorClient): Promise<unknown[]> => (await client.drain()).map(({ event }) => event);

describe('a Peer2Peer Connector client that may signal in its rooms', () => {
  const requests = (to: string): object[] => [
    { event: 'Connect', to, data: { sdp: 1, candidate: 2 } },
    { event: 'Offer', to, data: 1 },
    { event: 'Answer', to, data: 1 },
    { event: 'Candidate', to, data: 1 },
    { event: 'Message', to, data: 1 },
  ];

  it('reaches nobody outside, and stays connected', async () => {
    const bob = await free();
    const ann = await connectorTo('ann', 'rooms');
    for (const request of [...requests(bob.id), ...requests('nobody')])
      expect(await ann.ask(request)).toEqual(FORBIDDEN);
    expect(await events(bob)).toEqual([]);
  });

  it('reaches the members of its rooms, as long as both are in one', async () => {
    const bob = await free();
    const ann = await connectorTo('ann', 'rooms', 'r');
    await bob.next('Client_Added');
    for (const request of requests(bob.id)) ann.send(request);
    ann.send({ event: 'Message', room: 'r', data: 1 });
    for (const event of ['Offer', 'Answer', 'Candidate', 'Message', 'Message']) {
      expect(await bob.next(event)).toBeDefined();
    }
    await bob.ask({ event: 'Leave_Room', data: { room: 'r' } });
    await ann.next('Client_Removed');
    expect(await ann.ask({ event: 'Offer', to: bob.id, data: 1 })).toEqual(FORBIDDEN);
  });

  it('is reached by all', async () => {
    const [bob, ann] = [await free(), await connectorTo('ann', 'rooms')];
    bob.send({ event: 'Offer', to: ann.id, data: 1 });
    expect(await ann.next('Offer')).toMatchObject({ from: bob.id });
  });
});

describe('a Peer2Peer Connector client that may send no signals', () => {
  it('reaches nobody, in its rooms neither', async () => {
    const bob = await free();
    const ann = await connectorTo('ann', 'none', 'r');
    await bob.next('Client_Added');
    expect(await ann.ask({ event: 'Offer', to: bob.id, data: 1 })).toEqual(FORBIDDEN);
    expect(await ann.ask({ event: 'Message', room: 'r', data: 1 })).toEqual(FORBIDDEN);
    expect(await events(bob)).toEqual([]);
  });
});

describe('a PeerJS client that may signal in its rooms', () => {
  it('reaches nobody: its signals expire at the next sweep, and it stays connected', async () => {
    const bob = await free();
    const carl = await peerWith(server, 'carl', await tokenFor('carl'));
    const ann = await peerWith(server, 'ann', await tokenFor('ann', { signal: 'rooms' }));
    for (const type of ['OFFER', 'ANSWER', 'CANDIDATE', 'LEAVE', 'EXPIRE']) {
      ann.send({ type, dst: 'carl', payload: 1 });
    }
    ann.send({ type: 'OFFER', dst: bob.id });
    ann.send({ type: 'OFFER', dst: 'absent' });
    const expired = [await ann.next(), await ann.next(), await ann.next()];
    expect(expired.map(({ type, src }) => `${type} ${src}`)).toEqual([
      'EXPIRE carl',
      `EXPIRE ${bob.id}`,
      'EXPIRE absent',
    ]);
    const absent = await peerWith(server, 'absent', await tokenFor('absent'));
    expect([await carl.rest(), await absent.rest(), await events(bob)]).toEqual([[], [], []]);
    ann.send({ type: 'HEARTBEAT' });
    carl.send({ type: 'OFFER', dst: 'ann', payload: 1 });
    expect(await ann.next('OFFER')).toMatchObject({ src: 'carl' });
  });
});

describe('an EasyRTC client that may signal in its rooms', () => {
  const login = async (sub: string, claims: object, ...rooms: string[]): Promise<EasyRtcClient> =>
    easyrtcWith(server, await tokenFor(sub, { ...claims }), ...rooms);

  it('reaches the members of its rooms alone', async () => {
    const ann = await login('ann', { signal: 'rooms', groups: ['g'] }, 'r');
    const [bob, carl] = [await login('bob', {}, 'r'), await login('carl', { groups: ['g'] }, 's')];
    await ann.nextOf('roomData');
    for (const msgType of ['offer', 'answer', 'candidate']) {
      expect(await ann.command(msgType, { a: 1 }, bob.id)).toEqual(ACK);
      expect(codeOf(await ann.command(msgType, { a: 1 }, carl.id))).toBe('MSG_REJECT_NO_AUTH');
    }
    for (const msgType of ['reject', 'hangup']) {
      expect(codeOf(await ann.command(msgType, undefined, carl.id))).toBe('MSG_REJECT_NO_AUTH');
    }
    for (const target of [{ targetEasyrtcid: carl.id }, { targetGroup: 'g' }]) {
      expect(codeOf(await ann.message({ msgType: 'm', msgData: 1, ...target }))).toBe('MSG_REJECT_NO_AUTH');
    }
    expect(await ann.message({ msgType: 'm', msgData: 1, targetRoom: 'r' })).toEqual(ACK);
    expect(await ann.message({ msgType: 'm', msgData: 1, targetEasyrtcid: bob.id })).toEqual(ACK);
    expect((await bob.rest()).map(({ msgType }) => msgType)).toEqual(['offer', 'answer', 'candidate', 'm', 'm']);
    expect(await carl.rest()).toEqual([]);
  });

  it('reaches members that speak other protocols', async () => {
    const bob = await free();
    const ann = await login('ann', { signal: 'rooms' }, 'r');
    await bob.next('Client_Added');
    expect(await ann.command('offer', { a: 1 }, bob.id)).toEqual(ACK);
    expect(await bob.next('Offer')).toMatchObject({ from: ann.id });
  });

  it('reaches nobody if it may send none', async () => {
    const ann = await login('ann', { signal: 'none' }, 'r');
    const bob = await login('bob', {}, 'r');
    await ann.nextOf('roomData');
    expect(codeOf(await ann.command('offer', { a: 1 }, bob.id))).toBe('MSG_REJECT_NO_AUTH');
    expect(codeOf(await ann.message({ msgType: 'm', msgData: 1, targetRoom: 'r' }))).toBe('MSG_REJECT_NO_AUTH');
    expect(await bob.rest()).toEqual([]);
  });
});

describe('an administrator', () => {
  it('sends messages to all clients and rooms, whatever they may do', async () => {
    server = await startSecured({ adminTokens: [`olga:operate:${OPERATE_TOKEN}`] });
    const api = new AdminApi(server.url, OPERATE_TOKEN);
    await free();
    const ann = await connectorTo('ann', 'none', 'r');
    expect(await api.post(['clients', ann.id, 'messages'], { data: 1 })).toEqual(empty(204));
    expect(await ann.next('Message')).toMatchObject({ from: '', data: 1 });
    expect(await api.post(['rooms', 'r', 'messages'], { data: 2 })).toEqual(empty(204));
    expect(await ann.next('Message')).toMatchObject({ room: 'r', data: 2 });
  });
});
