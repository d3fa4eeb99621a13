import type { NodeDetail, NodeList, RealmPage, RealmSummary, Stats } from '../../src/admin/admin.dto.js';
import { empty, ISO_TIME, problem, startAdminServer, type AdminServer, type Query } from '../support/admin-api.js';
import { ConnectorClient } from '../support/connector-client.js';
import { EasyRtcClient } from '../support/easyrtc-client.js';
import { EventStream } from '../support/event-stream.js';
import { PeerJsSocket, until, upgradeStatus } from '../support/peerjs-socket.js';
import { makeRoom, Visitors } from '../support/visitors.js';

const aNumber = expect.any(Number) as number;
const aFlow = { frames: aNumber, bytes: aNumber, framesPerSecond: aNumber, bytesPerSecond: aNumber };

describe('admin API: realms, nodes and stats', () => {
  let server: AdminServer;
  let visitors: Visitors;

  beforeAll(async () => {
    server = await startAdminServer();
    visitors = new Visitors(server, server.api);
  });
  afterEach(() => visitors.leave());
  afterAll(() => server.close());

  const realms = (query?: Query) => server.api.get<RealmPage>('realms', query);
  const stats = async () => (await server.api.get<Stats>('stats')).body;
  const nodes = async () => (await server.api.get<NodeList>('nodes')).body.items;

  describe('realms', () => {
    it('are none if there is nothing in them', async () => {
      expect(await realms()).toMatchObject({ status: 200, body: { items: [] } });
      expect((await realms()).body).toEqual({ items: [] });
    });

    it('are those with clients, with rooms, or with both, by name', async () => {
      await visitors.easyrtc({ applicationName: 'zoo' });
      const ann = await visitors.connector();
      await visitors.peer('pia');
      await makeRoom('den', ann);
      await server.api.post('rooms', { id: 'lobby', realm: 'acme' });
      await server.api.post('rooms', { id: 'lobby', realm: '__proto__' });
      expect((await realms()).body).toEqual({
        items: [
          { realm: '__proto__', clients: 0, rooms: 1 },
          { realm: 'acme', clients: 0, rooms: 1 },
          { realm: 'default', clients: 2, rooms: 1 },
          { realm: 'zoo', clients: 1, rooms: 1 },
        ],
      });
    });

    it('come in pages that show each of them once, whatever is in them', async () => {
      const expected: RealmSummary[] = [];
      for (let number = 10; number < 35; number++) {
        const realm = `realm-${number}`;
        // Rooms in all but every third, clients in every third and every fourth.
        const hasRooms = number % 3 !== 0;
        const hasClients = !hasRooms || number % 4 === 0;
        if (hasRooms) await server.api.post('rooms', { id: 'lobby', realm });
        if (hasClients) await visitors.easyrtc({ applicationName: realm });
        const defaultRoom = hasClients ? 1 : 0;
        expected.push({ realm, clients: hasClients ? 1 : 0, rooms: (hasRooms ? 1 : 0) + defaultRoom });
      }
      for (const limit of [1, 4, 24, 25, 26]) {
        const pages = await server.api.pages<RealmSummary>('realms', { limit });
        expect(pages.flat()).toEqual(expected);
        expect(pages.length).toBe(Math.ceil(25 / limit));
      }
    });

    it.each<Query>([{ limit: 0 }, { limit: 1001 }, { limit: 'x' }, { cursor: ['a', 'b'] }, { realm: 'default' }])(
      'are not to be had with %j',
      async (query) => {
        expect(await realms(query)).toEqual(problem('bad-request'));
      },
    );
  });

  describe('nodes', () => {
    it('are shown with what is on them', async () => {
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

  describe('stats', () => {
    it('count clients, by protocol and in all, and rooms', async () => {
      expect(await stats()).toMatchObject({ nodes: 1, clients: 0, clientsByProtocol: {}, rooms: 0 });
      const ann = await visitors.connector();
      await visitors.peer('pia');
      await visitors.peer('pia 2');
      await makeRoom('den', ann);
      await server.api.post('rooms', { id: 'lobby' });
      const { clientsByProtocol, ...rest } = await stats();
      expect(clientsByProtocol).toEqual({ 'peer2peer-connector': 1, peerjs: 2 });
      expect(rest).toEqual({ nodes: 1, clients: 3, rooms: 2, in: aFlow, out: aFlow });
      await ann.close();
      await until(async () => (await stats()).clients === 2);
      expect((await stats()).clientsByProtocol).toEqual({ peerjs: 2 });
    });

    it('count frames and bytes, and how many there are in a second', async () => {
      const ann = await visitors.connector();
      const before = await stats();
      const frame = JSON.stringify({ event: 'Message', to: ann.id, data: 'x'.repeat(1000) });
      for (let number = 0; number < 50; number++) ann.send(frame);
      for (let number = 0; number < 50; number++) await ann.next('Message');
      const after = await stats();
      expect(after.in.frames - before.in.frames).toBe(50);
      expect(after.out.frames - before.out.frames).toBe(50);
      expect(after.in.bytes - before.in.bytes).toBe(50 * frame.length);
      expect(after.out.bytes - before.out.bytes).toBeGreaterThanOrEqual(50 * 1000);
      // The rate is one of the last ten seconds or so: fifty frames in it are four a second at least.
      expect(after.in.framesPerSecond).toBeGreaterThan(4);
      expect(after.out.framesPerSecond).toBeGreaterThan(4);
      expect(after.in.bytesPerSecond).toBeGreaterThan(4 * frame.length);
      const [node] = await nodes();
      expect({ in: node.in.frames, out: node.out.frames }).toEqual({ in: after.in.frames, out: after.out.frames });
    });
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

  it('sends its clients away and refuses new ones, and goes on', async () => {
    const ann = await ConnectorClient.connect(server.wsUrl);
    const peer = await PeerJsSocket.open(server.wsUrl, 'pia');
    const caller = await EasyRtcClient.login(server.url);
    await server.api.post('rooms', { id: 'lobby' });
    expect((await node()).isDraining).toBe(false);
    const stream = await EventStream.connect(server.api, { types: 'clientDisconnected' });

    expect(await server.api.post(['nodes', 'node-1', 'drain'])).toEqual(empty(202));
    expect(await ann.closed).toEqual({ code: 1012, reason: 'server shutdown' });
    expect((await peer.closed).code).toBe(1012);
    await caller.closed;
    const events = await stream.nextOnes(3);
    expect(events.map(({ data }) => (data as { id: string }).id).sort()).toEqual([ann.id, 'pia', caller.id].sort());
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

  it('can be asked for again', async () => {
    for (let times = 0; times < 2; times++) {
      expect(await server.api.post(['nodes', 'node-1', 'drain'])).toEqual(empty(202));
    }
    expect((await node()).isDraining).toBe(true);
  });

  it.each(['node-2', 'Node-1', 'node-', '%2F', 'a/b', '__proto__', ' '])('is not to be had for %j', async (name) => {
    expect(await server.api.post(['nodes', name, 'drain'])).toEqual(problem('not-found', 'There is no such node.'));
    expect((await node()).isDraining).toBe(false);
    expect(await upgradeStatus(server.url, '/')).toBe(101);
  });
});
