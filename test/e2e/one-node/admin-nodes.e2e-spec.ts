import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { NodeDetail, NodeList } from '../../../src/admin/cluster.dto.js';
import { Log } from '../../../src/logging/log.js';
import { DrainService } from '../../../src/transport/lifecycle/drain.service.js';
import { AdminApi, type AdminServer, empty, ISO_TIME, problem, startAdminServer } from '../../support/admin-api.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { EventStream } from '../../support/event-stream.js';
import { PeerJsSocket, until, upgradeStatus } from '../../support/peerjs-socket.js';
import { Visitors } from '../../support/visitors.js';

const aNumber = expect.any(Number) as number;
const aFlow = { frames: aNumber, bytes: aNumber, framesPerSecond: aNumber, bytesPerSecond: aNumber };

describe('admin API: nodes', () => {
  let server: AdminServer;
  let visitors: Visitors;

  beforeAll(async () => {
    server = await startAdminServer();
    visitors = new Visitors(server, server.api);
  });
  afterEach(() => visitors.leave());
  afterAll(() => server.close());

  const nodes = async () => (await server.api.get<NodeList>('nodes')).body.items;

  it('are listed with client counts and traffic', async () => {
    await visitors.connectors(2);
    await visitors.peer('pia');
    await visitors.easyrtc();
    const login = await EasyRtcClient.connect(server.url);
    expect(await nodes()).toEqual([
      {
        name: 'node-1',
        since: ISO_TIME,
        version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
        clients: 4,
        clientsByProtocol: { 'peer2peer-connector': 2, peerjs: 1, easyrtc: 1 },
        connections: 5,
        isDraining: false,
        logLevel: 'silent',
        rssBytes: aNumber,
        eventLoopDelayMs: aNumber,
        notReady: [],
        in: aFlow,
        out: aFlow,
        refusedPerSecond: 0,
      },
    ]);
    const [{ since, rssBytes }] = await nodes();
    expect(Math.abs(Date.now() - Date.parse(since))).toBeLessThan(600_000);
    expect(rssBytes).toBeGreaterThan(10_000_000);
    await login.close();
  });
});

describe('admin API: draining a node', () => {
  let server: AdminServer;

  beforeEach(async () => {
    server = await startAdminServer();
  });
  afterEach(async () => {
    EventStream.closeAll();
    await ConnectorClient.closeAll();
    EasyRtcClient.closeAll();
    await server.close();
  });

  const node = async (): Promise<NodeDetail> => (await server.api.get<NodeList>('nodes')).body.items[0];

  it('disconnects its clients, rejects new ones, and keeps the node running', async () => {
    const ann = await ConnectorClient.connect(server.wsUrl);
    const peer = await PeerJsSocket.open(server.wsUrl, 'pia');
    const caller = await EasyRtcClient.login(server.url);
    await server.api.post('rooms', { id: 'lobby' });
    expect((await node()).isDraining).toBe(false);
    const stream = await EventStream.connect(server.api, { types: 'client.disconnected' });

    expect(await server.api.post(['nodes', 'node-1', 'drain'])).toEqual(empty(202));
    expect(await ann.closed).toEqual({ code: 1012, reason: 'server shutdown' });
    expect((await peer.closed).code).toBe(1012);
    await caller.closed;
    const events = await stream.nextOnes(3);
    expect(events.map(({ data }) => (data as { client: string }).client).sort()).toEqual(
      [ann.id, 'pia', caller.id].sort(),
    );
    for (const { data } of events) expect(data).toMatchObject({ reason: 'server shutdown' });

    expect(await upgradeStatus(server.url, '/')).toBe(503);
    expect(await upgradeStatus(server.url)).toBe(503);
    await expect(EasyRtcClient.connect(server.url)).rejects.toThrow();
    await expect(EasyRtcClient.connect(server.url, { transports: ['polling'] })).rejects.toThrow();
    await until(async () => (await node()).connections === 0);
    expect(await node()).toMatchObject({ name: 'node-1', isDraining: true, clients: 0, clientsByProtocol: {} });
    expect((await server.api.get('stats')).body).toMatchObject({ nodes: 1, clients: 0, rooms: 1 });
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(503);
    expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
  });

  it('ends when the node is undrained, also before all clients are gone', async () => {
    const before = await ConnectorClient.connect(server.wsUrl);
    expect(await server.api.post(['nodes', 'node-1', 'drain'])).toEqual(empty(202));
    await before.closed;
    expect(await upgradeStatus(server.url, '/')).toBe(503);
    expect(await server.reader.post(['nodes', 'node-1', 'undrain'])).toEqual(problem('forbidden'));
    expect(await server.api.post(['nodes', 'node-1', 'undrain'])).toEqual(empty(204));
    expect((await node()).isDraining).toBe(false);
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
    const ann = await ConnectorClient.connect(server.wsUrl);
    // A drain that goes on would disconnect this client.
    await setTimeout(300);
    expect((await server.api.get(['clients', ann.id])).status).toBe(200);
    expect(await server.api.post(['nodes', 'node-1', 'undrain'])).toEqual(empty(204));
    expect(await server.api.post(['nodes', 'node-2', 'undrain'])).toEqual(
      problem('not-found', 'There is no such node.'),
    );
  });

  it('spares the clients that are left when the node is undrained', async () => {
    const clients = await ConnectorClient.connectMany(350, server.wsUrl);
    await server.api.post(['nodes', 'node-1', 'drain']);
    await server.api.post(['nodes', 'node-1', 'undrain']);
    await until(async () => (await node()).clients === (await node()).connections);
    const { clients: left } = await node();
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(clients.length);
    await setTimeout(500);
    expect((await node()).clients).toBe(left);
  });

  it('cannot end while the server shuts down', async () => {
    const drains = server.app.get(DrainService, { strict: false });
    await drains.beforeApplicationShutdown();
    expect(await server.api.post(['nodes', 'node-1', 'undrain'])).toEqual(
      problem('unavailable', 'The node is shutting down.'),
    );
    expect((await node()).isDraining).toBe(true);
  });

  it('says when refused clients and requests may come back', async () => {
    await server.api.post(['nodes', 'node-1', 'drain']);
    const polling = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`);
    expect([polling.status, polling.headers.get('retry-after')]).toEqual([503, '5']);
    const upgrade = await rawUpgrade(server.url);
    expect(upgrade).toMatch(/^HTTP\/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n/);
    const stranger = new AdminApi(server.url, 'a-token-that-is-wrong');
    // A part of the ten failures is forgiven meanwhile.
    let locked = await stranger.get('nodes');
    for (let tries = 0; tries < 20 && locked.status !== 429; tries++) locked = await stranger.get('nodes');
    expect([locked.status, locked.headers.get('retry-after')]).toEqual([429, '6']);
  });

  it('can be repeated', async () => {
    for (let times = 0; times < 2; times++) {
      expect(await server.api.post(['nodes', 'node-1', 'drain'])).toEqual(empty(202));
    }
    expect((await node()).isDraining).toBe(true);
  });

  it.each(['node-2', 'Node-1', 'node-', '%2F', 'a/b', '__proto__', ' '])('answers 404 for %j', async (name) => {
    expect(await server.api.post(['nodes', name, 'drain'])).toEqual(problem('not-found', 'There is no such node.'));
    expect((await node()).isDraining).toBe(false);
    expect(await upgradeStatus(server.url, '/')).toBe(101);
  });
});

describe('admin API: the log level of a node', () => {
  it('changes what the node logs, and is shown', async () => {
    const server = await startAdminServer({ logLevel: 'silent' });
    const { logger } = server.app.get(Log, { strict: false });
    const levels = async () => (await server.api.get<NodeList>('nodes')).body.items.map(({ logLevel }) => logLevel);
    expect(await levels()).toEqual(['silent']);
    expect(await server.api.put(['nodes', 'node-1', 'log-level'], { level: 'fatal' })).toEqual(empty(204));
    expect(await levels()).toEqual(['fatal']);
    expect([logger.isOn('fatal'), logger.isOn('error')]).toEqual([true, false]);
    for (const body of [{ level: 'loud' }, {}, { level: 'info', more: 1 }, undefined]) {
      expect(await server.api.put(['nodes', 'node-1', 'log-level'], body)).toEqual(problem('bad-request'));
    }
    expect(await server.api.put(['nodes', 'node-2', 'log-level'], { level: 'info' })).toEqual(
      problem('not-found', 'There is no such node.'),
    );
    expect(await server.reader.put(['nodes', 'node-1', 'log-level'], { level: 'info' })).toEqual(problem('forbidden'));
    expect(await levels()).toEqual(['fatal']);
  });
});

/** Returns the whole answer to an upgrade request. */
async function rawUpgrade(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(
    'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
