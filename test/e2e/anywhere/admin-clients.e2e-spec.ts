import { request as httpRequest } from 'node:http';
import type { ClientDetail, ClientPage } from '../../../src/admin/client.dto.js';
import { Connections } from '../../../src/transport/lifecycle/connections.js';
import {
  type AdminServer,
  empty,
  ISO_TIME,
  OPERATE_TOKEN,
  problem,
  startAdminServer,
} from '../../support/admin-api.js';
import { ConnectorClient, envelope } from '../../support/connector-client.js';
import { removed, roomNews, rooms, titled } from '../../support/easyrtc-client.js';
import { until } from '../../support/peerjs-socket.js';
import { makeRoom, Visitors } from '../../support/visitors.js';

/** Ids that need escaping in a path or are names of JavaScript's own. */
const IDS = [
  ...['a/b', '/', '%2F', '%', '%zz', '?x#y', 'ä €', '😀', ' ', '+', 'a;b', 'a&b=c', '"', '\\', '<b>', '\u0000', '...'],
  ...['__proto__', 'constructor', 'messages', 'clients', 'null', '0', '*', ':id', '../x', 'x'.repeat(128)],
];

describe('admin API: clients', () => {
  let server: AdminServer;
  let visitors: Visitors;

  beforeAll(async () => {
    server = await startAdminServer();
    visitors = new Visitors(server, server.api);
  });
  afterEach(() => visitors.leave());
  afterAll(() => server.close());

  const noClient = (id: string) => problem('not-found', `There is no client ${JSON.stringify(id)}.`);

  const find = (id: string, realm = 'default') => server.api.get<ClientDetail>(['clients', id], { realm });

  async function isGone(id: string, realm = 'default'): Promise<void> {
    await until(async () => (await find(id, realm)).status === 404);
    const { body } = await server.api.get<ClientPage>('clients', { realm, limit: 1000 });
    expect(body.items.map((client) => client.id)).not.toContain(id);
  }

  describe('GET of a client', () => {
    it('never returns a lastSeen before since or before an earlier lastSeen', async () => {
      const [ann] = await visitors.connectors(1);
      const clocks = () => server.everywhere(Connections).map(({ clockMs }) => clockMs);
      const before = clocks();
      const seen: string[] = [];
      do {
        const { since, lastSeen } = (await find(ann.id)).body;
        seen.push(since, lastSeen);
      } while (clocks().some((clock, at) => clock === before[at]));
      const { since, lastSeen } = (await find(ann.id)).body;
      seen.push(since, lastSeen);
      expect(seen.filter((time) => time < since)).toEqual([]);
      const times = seen.filter((_, at) => at % 2 === 1);
      expect(times).toEqual([...times].sort());
    });

    it('returns rooms and traffic', async () => {
      const [ann, bob] = await visitors.connectors(2);
      await makeRoom('den', bob, ann);
      await makeRoom('ballroom', ann);
      const before = (await find(ann.id)).body;
      expect(before).toEqual({
        realm: 'default',
        id: ann.id,
        protocol: 'peer2peer-connector',
        node: server.nodeOf(ann.id),
        address: '127.0.0.1',
        since: ISO_TIME,
        lastSeen: ISO_TIME,
        rooms: ['den', 'ballroom'],
        framesIn: expect.any(Number) as number,
        framesOut: expect.any(Number) as number,
        bytesIn: expect.any(Number) as number,
        bytesOut: expect.any(Number) as number,
        waitingBytes: 0,
      });
      expect(before.lastSeen >= before.since).toBe(true);

      const frame = JSON.stringify({ event: 'Message', to: ann.id, data: 'ä'.repeat(100) });
      const heard = await ann.ask(frame);
      expect(heard.data).toBe('ä'.repeat(100));
      const after = (await find(ann.id)).body;
      expect(after).toMatchObject({
        framesIn: before.framesIn + 1,
        framesOut: before.framesOut + 1,
        bytesIn: before.bytesIn + Buffer.byteLength(frame),
        // The server counts the frame header as well.
        bytesOut: before.bytesOut + 4 + Buffer.byteLength(ann.texts.at(-1)!),
      });
      expect(after.since).toBe(before.since);
      expect(after.lastSeen >= before.lastSeen).toBe(true);
    });

    it('returns what the request says about the software of the client', async () => {
      const headers = { 'User-Agent': 'Test/1.0', Origin: 'https://app.example' };
      const ann = await ConnectorClient.connect(server.wsUrl, { headers });
      expect((await find(ann.id)).body).toMatchObject({ userAgent: 'Test/1.0', origin: 'https://app.example' });
      await ann.close();
    });

    it('returns a client of any protocol', async () => {
      const peer = await visitors.peer('pia');
      const caller = await visitors.easyrtc();
      await caller.command('roomJoin', { roomJoin: rooms('den') });
      expect((await find('pia')).body).toMatchObject({ protocol: 'peerjs', rooms: [], framesOut: 1 });
      const { body } = await find(caller.id);
      expect(body).toMatchObject({ protocol: 'easyrtc', rooms: ['default', 'den'] });
      expect(body.framesIn).toBeGreaterThan(0);
      expect(body.bytesOut).toBeGreaterThan(0);
      expect(peer.messages).toEqual([{ type: 'OPEN' }]);
    });

    it('finds a client in the requested realm only', async () => {
      const caller = await visitors.easyrtc({ applicationName: 'acme' });
      const { body } = await find(caller.id, 'acme');
      expect(body).toMatchObject({ id: caller.id, realm: 'acme' });
      expect(await server.api.get(['clients', caller.id])).toEqual(noClient(caller.id));
      expect(await find(caller.id, 'Acme')).toEqual(noClient(caller.id));
    });

    it.each([
      ['an unknown parameter', { color: 'red' }],
      ['two realms', { realm: ['default', 'acme'] }],
      ['a realm that is far too long', { realm: 'x'.repeat(4097) }],
    ])('rejects %s', async (_, query) => {
      await visitors.peer('pia');
      expect(await server.api.get(['clients', 'pia'], query)).toEqual(problem('bad-request'));
    });
  });

  describe('ids with any characters', () => {
    it.each(titled(IDS))('finds, messages and disconnects %s', async (_, id) => {
      const peer = await visitors.peer(id);
      const { status, body } = await find(id);
      expect({ status, id: body.id }).toEqual({ status: 200, id });
      expect(await server.api.post(['clients', id, 'messages'], { data: 1 })).toEqual(
        problem('not-supported-by-client'),
      );
      expect(await server.api.delete(['clients', id])).toEqual(empty(204));
      expect(await peer.closed).toEqual({ code: 1008, reason: 'removed' });
      await isGone(id);
    });

    it.each(titled(IDS))('returns 404 for %s', async (_, id) => {
      expect(await find(id)).toEqual(noClient(id));
      expect(await server.api.delete(['clients', id])).toEqual(noClient(id));
      expect(await server.api.post(['clients', id, 'messages'], { data: 1 })).toEqual(noClient(id));
    });

    it.each(['.', '..'])('finds %s through an HTTP client that does not normalise paths', async (id) => {
      await visitors.peer(id);
      const headers = { Authorization: `Bearer ${OPERATE_TOKEN}` };
      const status = await new Promise<number | undefined>((resolve, reject) => {
        httpRequest(`${server.url}/`, { path: `/admin/v1/clients/${id}`, headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .once('error', reject)
          .end();
      });
      expect(status).toBe(200);
    });
  });

  describe('disconnecting a client', () => {
    it('closes the socket of a Peer2Peer Connector client', async () => {
      const ann = await visitors.connector();
      expect(await server.api.delete(['clients', ann.id])).toEqual(empty(204));
      expect(await ann.closed).toEqual({ code: 1008, reason: 'removed' });
      await isGone(ann.id);
      expect(await server.api.delete(['clients', ann.id])).toEqual(noClient(ann.id));
    });

    it('closes the socket of an EasyRTC client', async () => {
      const caller = await visitors.easyrtc();
      expect(await server.api.delete(['clients', caller.id])).toEqual(empty(204));
      expect(await caller.closed).toBe('io server disconnect');
      await isGone(caller.id);
    });

    it('releases the id of a PeerJS client, which may reconnect', async () => {
      const peer = await visitors.peer('pia');
      expect(await server.api.delete(['clients', 'pia'])).toEqual(empty(204));
      await peer.closed;
      await isGone('pia');
      const again = await visitors.peer('pia');
      expect(again.messages).toEqual([{ type: 'OPEN' }]);
    });

    it('leaves clients with the same id in other realms connected', async () => {
      const other = await startAdminServer({ keys: new Map(Object.entries({ peerjs: 'default', acme: 'acme' })) });
      const guests = new Visitors(other, other.api);
      try {
        const here = await guests.peer('pia');
        const there = await guests.peer('pia', { key: 'acme' });
        expect(await other.api.delete(['clients', 'pia'], undefined, { realm: 'acme' })).toEqual(empty(204));
        await there.closed;
        expect(await here.rest()).toEqual([]);
        expect((await other.api.get(['clients', 'pia'])).status).toBe(200);
        await guests.leave();
      } finally {
        await other.close();
      }
    });

    it('notifies the members of its rooms in every protocol', async () => {
      const [ann, bob] = await visitors.connectors(2);
      const caller = await visitors.easyrtc();
      await makeRoom('den', ann, bob);
      await caller.command('roomJoin', { roomJoin: rooms('den') });
      await ann.next('Client_Added');
      await server.api.delete(['clients', bob.id]);
      expect(await ann.next()).toEqual(
        envelope('update', 'Client_Removed', { clients: [ann.id, caller.id], name: '', room: 'den' }),
      );
      expect(await caller.next()).toEqual(roomNews(caller, removed('den', bob.id)));
      expect((await server.api.get<ClientPage>('clients', { room: 'den' })).body.items).toHaveLength(2);
    });

    it.each([
      ['no reason', undefined],
      ['an empty object', {}],
      ['a reason', { reason: 'spam' }],
      ['the longest reason', { reason: 'x'.repeat(256) }],
    ])('accepts %s', async (_, body) => {
      const peer = await visitors.peer('pia');
      expect(await server.api.delete(['clients', 'pia'], body)).toEqual(empty(204));
      await peer.closed;
    });

    it.each([
      ['a reason that is too long', { reason: 'x'.repeat(257) }],
      ['a reason that is no text', { reason: { spam: true } }],
      ['an unknown member', { reason: 'spam', ban: true }],
      ['a list', ['spam']],
      ['no JSON', '{"reason":'],
    ])('rejects %s', async (_, body) => {
      const peer = await visitors.peer('pia');
      expect(await server.api.delete(['clients', 'pia'], body)).toEqual(problem('bad-request'));
      expect(await peer.rest()).toEqual([]);
    });
  });
});
