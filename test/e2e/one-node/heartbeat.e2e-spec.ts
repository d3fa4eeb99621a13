import { createHook } from 'node:async_hooks';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { ClientsService } from '../../../src/clients/clients.service.js';
import type { Config } from '../../../src/config/config.js';
import { Counters } from '../../../src/counters/counters.js';
import { Connections } from '../../../src/transport/lifecycle/connections.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { until } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';

const PING_MS = 60;
const DEAD_MS = 300;
/** Tolerated delay of timers on a busy machine. */
const LATE_MS = 700;

/** Clients in a separate thread, which answer pings while the thread of the server is blocked. */
const CLIENTS = `
  const { parentPort, workerData: { url, count } } = require('node:worker_threads');
  const { WebSocket } = require('ws');
  const state = { open: 0, closed: 0, fewestPings: 0 };
  const pings = new Array(count).fill(0);
  for (let i = 0; i < count; i++) {
    const socket = new WebSocket(url);
    socket.on('message', () => { if (++state.open === count) parentPort.postMessage('open'); });
    socket.on('ping', () => pings[i]++);
    socket.on('error', () => undefined);
    socket.on('close', () => state.closed++);
  }
  parentPort.on('message', () => parentPort.postMessage({ ...state, fewestPings: Math.min(...pings) }));
`;

interface ClientsState {
  readonly open: number;
  readonly closed: number;
  /** The lowest number of pings that a client has received. */
  readonly fewestPings: number;
}

let server: TestServer;
let worker: Worker | undefined;

async function start(options: Partial<Config> = {}): Promise<void> {
  server = await startServer({ pingIntervalMs: PING_MS, deadAfterMs: DEAD_MS, ...options });
}

afterEach(async () => {
  await worker?.terminate();
  worker = undefined;
  await ConnectorClient.closeAll();
  await server.close();
});

const deaths = () => server.app.get(Counters, { strict: false }).endedConnections.get('no sign of life');
const connections = () => server.app.get(Connections, { strict: false });

async function startClients(count: number): Promise<Worker> {
  worker = new Worker(CLIENTS, { eval: true, workerData: { url: server.wsUrl, count } });
  await once(worker, 'message');
  return worker;
}

async function stateOf(clients: Worker): Promise<ClientsState> {
  clients.postMessage('state');
  const [state] = (await once(clients, 'message')) as [ClientsState];
  return state;
}

/** Resolves when each client has received ten more pings, or one is closed. */
async function pingedAgain(clients: Worker): Promise<ClientsState> {
  const { fewestPings: before } = await stateOf(clients);
  let state: ClientsState;
  do {
    await sleep(PING_MS);
    state = await stateOf(clients);
  } while (state.closed === 0 && state.fewestPings < before + 10);
  return state;
}

/** Blocks the thread of the server. */
function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Connects a client that counts its pings. */
async function pinged(): Promise<{ client: ConnectorClient; pings: () => number }> {
  let pings = 0;
  const client = await ConnectorClient.connect(server.wsUrl);
  client.socket.on('ping', () => pings++);
  return { client, pings: () => pings };
}

async function shareRoom(host: ConnectorClient, guest: ConnectorClient): Promise<void> {
  host.send({ event: 'Create_Room', data: { room: 'room' } });
  await host.next('Room_Created');
  guest.send({ event: 'Join_Room', data: { room: 'room' } });
  await Promise.all([host.next('Client_Added'), guest.next('Client_Added')]);
}

describe('a client', () => {
  it('stays connected while it answers pings, even if it sends nothing', async () => {
    await start();
    const { client, pings } = await pinged();
    await sleep(4 * DEAD_MS);
    expect(pings()).toBeGreaterThan(10);
    // One ping per interval, not one per check.
    expect(pings()).toBeLessThan(4 * (DEAD_MS / PING_MS) + 3);
    expect(await client.drain()).toEqual([]);
    expect(deaths()).toBe(0);
  });

  it('stays connected while it sends, even if it answers no ping', async () => {
    await start();
    const client = await ConnectorClient.connect(server.wsUrl, { autoPong: false });
    const since = performance.now();
    while (performance.now() - since < 3 * DEAD_MS) {
      expect(await client.drain()).toEqual([]);
      await sleep(DEAD_MS / 10);
    }
    expect(deaths()).toBe(0);
    expect((await client.closed).code).toBe(1006);
    await until(() => deaths() === 1);
  });

  it('stays connected if the configured ping interval exceeds the timeout', async () => {
    await start({ pingIntervalMs: 25_000 });
    const { client, pings } = await pinged();
    await until(() => pings() >= 6);
    expect(await client.drain()).toEqual([]);
    expect(deaths()).toBe(0);
  });

  it.each([
    ['answers no ping', false, () => undefined],
    ['does not read', true, (client: ConnectorClient) => client.socket.pause()],
  ])('is disconnected in time when it %s, with a message to its rooms', async (_, autoPong, silence) => {
    await start();
    const { client: ann, pings } = await pinged();
    const silent = await ConnectorClient.connect(server.wsUrl, { autoPong });
    await shareRoom(ann, silent);
    const since = performance.now();
    silence(silent);
    expect(await ann.next('Client_Removed')).toMatchObject({ data: { clients: [ann.id], room: 'room' } });
    const ms = performance.now() - since;
    expect(ms).toBeGreaterThan(DEAD_MS - PING_MS);
    expect(ms).toBeLessThan(DEAD_MS + LATE_MS);
    await until(() => connections().size === 1);
    expect(deaths()).toBe(1);
    await until(() => server.app.get(ClientsService, { strict: false }).countHere === 1);
    expect(await ann.ask({ event: 'Message', to: silent.id })).toMatchObject({ event: 'Not_Found' });
    silent.socket.resume();
    expect((await silent.closed).code).toBe(1006);
    const before = pings();
    await until(() => pings() > before + 5);
    expect(deaths()).toBe(1);
  });

  it('is disconnected when it falls silent in the middle of a frame', async () => {
    await start();
    const silent = await ConnectorClient.connect(server.wsUrl, { autoPong: false });
    silent.socket.send('{"event":', { fin: false });
    expect((await silent.closed).code).toBe(1006);
    await until(() => deaths() === 1);
  });
});

describe('a stalled server', () => {
  it('does not mistake its own stall for silence of its clients', async () => {
    await start();
    const clients = await startClients(100);
    await pingedAgain(clients);
    stall(3 * DEAD_MS);
    expect(await pingedAgain(clients)).toMatchObject({ open: 100, closed: 0 });
    expect(deaths()).toBe(0);
  });

  it('keeps all clients when it stalls repeatedly', async () => {
    await start();
    const clients = await startClients(100);
    for (let i = 0; i < 6; i++) {
      stall(DEAD_MS + PING_MS);
      // Let exactly one turn of the event loop run.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await pingedAgain(clients)).toMatchObject({ open: 100, closed: 0 });
    expect(deaths()).toBe(0);
  });

  it('still detects silent clients', async () => {
    await start();
    const silent = await ConnectorClient.connect(server.wsUrl, { autoPong: false });
    stall(2 * DEAD_MS);
    const since = performance.now();
    await silent.closed;
    expect(performance.now() - since).toBeLessThan(DEAD_MS + LATE_MS);
    await until(() => deaths() === 1);
  });
});

describe('the timer', () => {
  it('is shared by all connections', async () => {
    await start();
    const timeouts = () => process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length;
    const before = timeouts();
    let made = 0;
    const isOurs = (): boolean => new Error().stack!.includes('/src/');
    const hook = createHook({ init: (_, type) => (made += Number(type === 'Timeout' && isOurs())) });
    hook.enable();
    const clients = await startClients(200);
    expect((await stateOf(clients)).open).toBe(200);
    hook.disable();
    // A few timers may belong to Jest.
    expect(timeouts() - before).toBeLessThan(10);
    // Unreferenced timers are not among the active resources, so those of the server are counted at creation.
    expect(made).toBeLessThan(20);
    await until(async () => (await stateOf(clients)).fewestPings >= 5);
    expect(timeouts() - before).toBeLessThan(10);
    expect(connections().size).toBe(200);
  });

  it('pings the connections at different times', async () => {
    await start({ pingIntervalMs: 1000, deadAfterMs: 60_000 });
    const pingedAt: number[] = [];
    const clients = await Promise.all(Array.from({ length: 200 }, () => ConnectorClient.connect(server.wsUrl)));
    for (const { socket } of clients) socket.once('ping', () => pingedAt.push(performance.now()));
    await until(() => pingedAt.length === 200);
    const first = Math.min(...pingedAt);
    const tenths = new Set(pingedAt.map((at) => Math.floor((at - first) / 100)));
    expect(tenths.size).toBeGreaterThanOrEqual(6);
  });
});
