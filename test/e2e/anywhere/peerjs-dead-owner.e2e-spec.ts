import { once } from 'node:events';
import type { WebSocket } from 'ws';
import type { Config } from '../../../src/config/config.js';
import { Counters } from '../../../src/counters/counters.js';
import { Connections } from '../../../src/transport/lifecycle/connections.js';
import { allHasArrived } from '../../support/arrivals.js';
import { becomes } from '../../support/becomes.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { hangUp, sendHandshake } from '../../support/peerjs-handshake.js';
import { PeerJsSocket, type PeerJsSocketOptions } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';

const DAY_MS = 86_400_000;
/** Disables pings except those caused by a test. */
const QUIET = { pingIntervalMs: DAY_MS, deadAfterMs: DAY_MS };
const SHORT_MS = 300;
/** Longer than any test. */
const LONG_MS = 60_000;

let server: TestServer;

async function start(options: Partial<Config>): Promise<void> {
  server = await startServer({ ...QUIET, ...options });
}

afterEach(async () => {
  hangUp();
  EasyRtcClient.closeAll();
  await ConnectorClient.closeAll();
  await server.close();
});

const alice = (options: PeerJsSocketOptions = {}) => PeerJsSocket.open(server.wsUrl, { id: 'alice', ...options });
const silentAlice = () => alice({ autoPong: false });

/** Connects another client with the id of alice. */
const newcomer = (token = 'another') => PeerJsSocket.connect(server.wsUrl, { id: 'alice', token });

async function answerTo(client: Promise<PeerJsSocket>): Promise<string> {
  return (await (await client).next()).type;
}

function countPings({ ws }: PeerJsSocket): () => number {
  let pings = 0;
  ws.on('ping', () => pings++);
  return () => pings;
}

function ended(reason: string): number {
  return server.everywhere(Counters).reduce((sum, { endedConnections }) => sum + endedConnections.get(reason), 0);
}

const connections = () => server.everywhere(Connections).reduce((sum, { size }) => sum + size, 0);

describe('a responsive owner', () => {
  it('keeps its id and receives only a ping', async () => {
    await start({ ownerTimeoutMs: LONG_MS });
    const owner = await alice();
    const pings = countPings(owner);
    expect(await answerTo(newcomer())).toBe('ID-TAKEN');
    expect(await owner.rest()).toEqual([]);
    expect(pings()).toBe(1);
  });

  it('keeps its id after any frame', async () => {
    await start({ ownerTimeoutMs: LONG_MS });
    const owner = await silentAlice();
    const answer = answerTo(newcomer());
    await once(owner.ws, 'ping');
    owner.send({ type: 'HEARTBEAT' });
    expect(await answer).toBe('ID-TAKEN');
    expect(await owner.rest()).toEqual([]);
  });

  it('is pinged once for simultaneous requests and is not charged for its pong', async () => {
    await start({ ownerTimeoutMs: LONG_MS, frameBurst: 1, framesPerSecond: 1 });
    const owner = await alice();
    const pings = countPings(owner);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => answerTo(newcomer(`token ${i}`))));
    expect(new Set(answers)).toEqual(new Set(['ID-TAKEN']));
    expect(pings()).toBe(1);
    expect(await owner.rest()).toEqual([]);
  });

  it('is pinged at most once a second, however many requests arrive', async () => {
    await start({ ownerTimeoutMs: LONG_MS });
    const owner = await alice();
    const pings = countPings(owner);
    const since = performance.now();
    for (let i = 0; i < 30; i++) expect(await answerTo(newcomer())).toBe('ID-TAKEN');
    const seconds = (performance.now() - since) / 1000;
    expect(await owner.rest()).toEqual([]);
    expect(pings()).toBeLessThanOrEqual(1 + seconds);
  });
});

describe('an unresponsive owner', () => {
  it('is disconnected, and the new client gets its id', async () => {
    await start({ ownerTimeoutMs: SHORT_MS });
    const owner = await silentAlice();
    const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
    const second = await newcomer();
    expect((await second.next()).type).toBe('OPEN');
    expect((await owner.closed).code).toBe(1006);
    expect(ended('no sign of life')).toBe(1);
    bob.send({ type: 'OFFER', dst: 'alice', payload: 1 });
    expect(await second.next()).toMatchObject({ type: 'OFFER', src: 'bob' });
    expect(await bob.rest()).toEqual([]);
  });

  it('is replaced by one of several requesters', async () => {
    await start({ ownerTimeoutMs: SHORT_MS });
    const owner = await silentAlice();
    const pings = countPings(owner);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => answerTo(newcomer(`token ${i}`))));
    expect(answers.filter((type) => type === 'OPEN')).toHaveLength(1);
    expect(answers.filter((type) => type === 'ID-TAKEN')).toHaveLength(19);
    expect(pings()).toBe(1);
  });

  it('loses its id to the client that is still waiting', async () => {
    await start({ ownerTimeoutMs: 1500 });
    const owner = await silentAlice();
    const pinged = once(owner.ws, 'ping');
    const impatient = sendHandshake(server, 'alice');
    await pinged;
    const patient = newcomer();
    await becomes(connections, 3);
    impatient.destroy();
    expect(await answerTo(patient)).toBe('OPEN');
  });

  it('can reconnect while others wait for its id', async () => {
    await start({ ownerTimeoutMs: LONG_MS });
    const owner = await silentAlice();
    const answer = answerTo(newcomer());
    await once(owner.ws, 'ping');
    const again = await alice();
    expect(await answer).toBe('ID-TAKEN');
    await owner.closed;
    expect(await again.rest()).toEqual([]);
  });

  it('releases its id at once when its connection ends meanwhile', async () => {
    await start({ ownerTimeoutMs: LONG_MS });
    const owner = await silentAlice();
    const answer = answerTo(newcomer());
    await once(owner.ws, 'ping');
    owner.ws.close();
    expect(await answer).toBe('OPEN');
  });
});

it('does not ping an owner of another protocol, since its id is never available', async () => {
  await start({ ownerTimeoutMs: LONG_MS });
  const ann = await ConnectorClient.connect(server.wsUrl, { autoPong: false });
  let pings = 0;
  ann.socket.on('ping', () => pings++);
  expect(await answerTo(PeerJsSocket.connect(server.wsUrl, { id: ann.id, token: 'another' }))).toBe('ID-TAKEN');
  expect(await ann.drain()).toEqual([]);
  expect(pings).toBe(0);
});

it('counts clients waiting for an id as connections', async () => {
  await start({ ownerTimeoutMs: 2000 });
  await silentAlice();
  sendHandshake(server, 'alice');
  sendHandshake(server, 'alice');
  await becomes(connections, 3);
});

describe('an offer to a client that turns out dead', () => {
  const expired = { type: 'EXPIRE', src: 'alice', dst: 'bob' };

  it.each<[string, Partial<Config>, () => Promise<unknown>]>([
    ['because another client requests its id', { ownerTimeoutMs: SHORT_MS }, () => answerTo(newcomer())],
    ['by the heartbeat', { pingIntervalMs: 100, deadAfterMs: 1000 }, () => Promise.resolve()],
  ])('returns to each sender as EXPIRE once: %s', async (_, options, find) => {
    await start(options);
    const owner = await silentAlice();
    const senders = await Promise.all(['bob', 'carl'].map((id) => PeerJsSocket.open(server.wsUrl, id)));
    for (const sender of senders) {
      for (const type of ['OFFER', 'OFFER', 'CANDIDATE']) sender.send({ type, dst: 'alice', payload: 1 });
    }
    await owner.nextOnes(6);
    await find();
    for (const sender of senders) {
      expect(await sender.next()).toEqual({ ...expired, dst: sender.id });
      expect(await sender.rest()).toEqual([]);
    }
  });

  it('returns as EXPIRE if it was queued for that client', async () => {
    await start({ ownerTimeoutMs: SHORT_MS });
    const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
    bob.send({ type: 'OFFER', dst: 'alice', payload: 1 });
    expect(await bob.rest()).toEqual([]);
    const owner = await silentAlice();
    await owner.next('OFFER');
    expect(await answerTo(newcomer())).toBe('OPEN');
    expect(await bob.next()).toEqual(expired);
  });

  it('does not return if the client has sent a frame since', async () => {
    await start({ ownerTimeoutMs: SHORT_MS });
    const owner = await silentAlice();
    const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
    bob.send({ type: 'OFFER', dst: 'alice', payload: 1 });
    await owner.next('OFFER');
    owner.send({ type: 'ANSWER', dst: 'bob', payload: 2 });
    expect((await bob.next()).type).toBe('ANSWER');
    bob.send({ type: 'CANDIDATE', dst: 'alice', payload: 3 });
    await owner.next('CANDIDATE');
    expect(await answerTo(newcomer())).toBe('OPEN');
    expect(await bob.rest()).toEqual([]);
  });

  it('returns as EXPIRE from clients of other protocols', async () => {
    await start({ pingIntervalMs: 100, deadAfterMs: 1000 });
    const ann = await ConnectorClient.connect(server.wsUrl, { autoPong: false });
    const eve = await EasyRtcClient.login(server.url, { applicationName: 'default' });
    const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
    const { ws } = (eve.socket.io.engine as unknown as { transport: { ws: WebSocket } }).transport;
    ws.pause();
    for (const { id } of [ann, eve]) bob.send({ type: 'OFFER', dst: id, payload: {} });
    const answers = await bob.nextOnes(2);
    expect(answers.map(({ type, src }) => `${type} ${src}`).sort()).toEqual(
      [`EXPIRE ${ann.id}`, `EXPIRE ${eve.id}`].sort(),
    );
    ws.resume();
  });

  it('does not return to senders whose protocol has no EXPIRE', async () => {
    await start({ ownerTimeoutMs: SHORT_MS });
    const owner = await silentAlice();
    const ann = await ConnectorClient.connect(server.wsUrl);
    ann.send({ event: 'Offer', to: 'alice', data: {} });
    await owner.next('OFFER');
    expect(await answerTo(newcomer())).toBe('OPEN');
    await allHasArrived();
    expect(await ann.drain()).toEqual([]);
  });
});
