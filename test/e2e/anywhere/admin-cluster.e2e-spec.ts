import type { NodeList, Stats } from '../../../src/admin/cluster.dto.js';
import type { RealmPage, RealmSummary } from '../../../src/admin/realm.dto.js';
import { NodeIdentity } from '../../../src/common/node-identity.js';
import { packageVersion } from '../../../src/common/package-version.js';
import { type AdminServer, problem, type Query, startAdminServer } from '../../support/admin-api.js';
import { until, upgradeStatus } from '../../support/peerjs-socket.js';
import { makeRoom, Visitors } from '../../support/visitors.js';

const aNumber = expect.any(Number) as number;
const aFlow = { frames: aNumber, bytes: aNumber, framesPerSecond: aNumber, bytesPerSecond: aNumber };

describe('admin API: realms and stats', () => {
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
    it('returns no realms without clients and rooms', async () => {
      expect(await realms()).toMatchObject({ status: 200, body: { items: [], total: 0 } });
      expect((await realms()).body).toEqual({ items: [], total: 0 });
    });

    it('lists realms with clients, rooms or both by name', async () => {
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
        total: 4,
      });
    });

    it('shows each realm once across pages', async () => {
      const expected: RealmSummary[] = [];
      for (let number = 10; number < 35; number++) {
        const realm = `realm-${number}`;
        // Every third realm has no explicit room; every third and every fourth realm has a client.
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
      'rejects the query %j',
      async (query) => {
        expect(await realms(query)).toEqual(problem('bad-request'));
      },
    );
  });

  describe('stats', () => {
    it('counts clients in total and by protocol, and rooms', async () => {
      const { length: nodeCount } = server.everywhere(NodeIdentity);
      expect(await stats()).toMatchObject({ nodes: nodeCount, clients: 0, clientsByProtocol: {}, rooms: 0 });
      const ann = await visitors.connector();
      await visitors.peer('pia');
      await visitors.peer('pia 2');
      await makeRoom('den', ann);
      await server.api.post('rooms', { id: 'lobby' });
      const { clientsByProtocol, ...rest } = await stats();
      expect(clientsByProtocol).toEqual({ 'peer2peer-connector': 1, peerjs: 2 });
      expect(rest).toEqual({
        version: packageVersion(),
        isReady: true,
        notReady: [],
        unreachable: [],
        backplane: 'up',
        nodes: nodeCount,
        clients: 3,
        rooms: 2,
        in: aFlow,
        out: aFlow,
        refusedPerSecond: 0,
        admin: { name: 'olga', scope: 'operate' },
      });
      await ann.close();
      await until(async () => (await stats()).clients === 2);
      expect((await stats()).clientsByProtocol).toEqual({ peerjs: 2 });
    });

    it('names the nodes that do not accept clients, and why', async () => {
      const [name] = server
        .everywhere(NodeIdentity)
        .map((node) => node.name)
        .sort();
      expect((await server.api.post(['nodes', name, 'drain'])).status).toBe(202);
      await until(async () => !(await stats()).isReady);
      expect(await stats()).toMatchObject({ isReady: false, notReady: [{ node: name, checks: ['draining'] }] });
      expect((await nodes()).find((node) => node.name === name)).toMatchObject({ notReady: ['draining'] });
      await server.api.post(['nodes', name, 'undrain']);
      await until(async () => (await stats()).isReady);
      expect((await stats()).notReady).toEqual([]);
    });

    it('counts refused requests per second', async () => {
      for (let number = 0; number < 20; number++) expect(await upgradeStatus(server.url, '/nowhere')).toBe(404);
      const { refusedPerSecond } = await stats();
      // The rate covers about the last ten seconds.
      expect(refusedPerSecond).toBeGreaterThan(1);
      const all = await nodes();
      expect(all.reduce((sum, node) => sum + node.refusedPerSecond, 0)).toBeGreaterThan(1);
    });

    it('tells a reader its scope', async () => {
      expect((await server.reader.get<Stats>('stats')).body.admin).toEqual({ name: 'rudi', scope: 'read' });
    });

    it('counts frames and bytes, in total and per second', async () => {
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
      // The rate covers about the last ten seconds: fifty frames make at least four per second.
      expect(after.in.framesPerSecond).toBeGreaterThan(4);
      expect(after.out.framesPerSecond).toBeGreaterThan(4);
      expect(after.in.bytesPerSecond).toBeGreaterThan(4 * frame.length);
      const all = await nodes();
      const total = (way: 'in' | 'out') => all.reduce((sum, node) => sum + node[way].frames, 0);
      expect({ in: total('in'), out: total('out') }).toEqual({ in: after.in.frames, out: after.out.frames });
    });
  });
});
