import type { NodeDetail, NodeList } from '../../../src/admin/cluster.dto.js';
import { type AdminServer, empty, ISO_TIME, problem, startAdminServer } from '../../support/admin-api.js';
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
        rssBytes: aNumber,
        in: aFlow,
        out: aFlow,
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
