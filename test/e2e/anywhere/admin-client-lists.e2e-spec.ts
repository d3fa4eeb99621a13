import type { ClientPage, ClientSummary } from '../../../src/admin/client.dto.js';
import { type AdminServer, ISO_TIME, problem, type Query, startAdminServer } from '../../support/admin-api.js';
import type { ConnectorClient } from '../../support/connector-client.js';
import { rooms } from '../../support/easyrtc-client.js';
import { until } from '../../support/peerjs-socket.js';
import { makeRoom, Visitors } from '../../support/visitors.js';

describe('admin API: lists of clients', () => {
  let server: AdminServer;
  let visitors: Visitors;

  beforeAll(async () => {
    server = await startAdminServer();
    visitors = new Visitors(server, server.api);
  });
  afterEach(() => visitors.leave());
  afterAll(() => server.close());

  const list = (query: Query = {}) => server.api.get<ClientPage>('clients', query);

  const idsOf = ({ items }: ClientPage) => items.map(({ id }) => id);

  async function leaveAndWait(...clients: ConnectorClient[]): Promise<void> {
    await Promise.all(clients.map((client) => client.close()));
    for (const { id } of clients) await until(async () => (await server.api.get(['clients', id])).status === 404);
  }

  it('returns an empty list without clients', async () => {
    expect((await list()).body).toEqual({ items: [], total: 0 });
  });

  it('lists clients of all protocols in connection order', async () => {
    const ann = await visitors.connector();
    await visitors.peer('ola');
    const caller = await visitors.easyrtc();
    const entry = (id: string, protocol: string) => {
      return { realm: 'default', id, protocol, node: server.nodeOf(id), address: '127.0.0.1', since: ISO_TIME };
    };
    const { status, type, body } = await list();
    expect({ status, type }).toEqual({ status: 200, type: 'application/json' });
    expect(body).toEqual({
      items: [entry(ann.id, 'peer2peer-connector'), entry('ola', 'peerjs'), entry(caller.id, 'easyrtc')],
      total: 3,
    });
  });

  describe('filters', () => {
    /** Client ids by the names in the table below. */
    let names: Map<string, string>;

    beforeEach(async () => {
      const ann = await visitors.connector();
      // Generated ids never contain the letter l.
      await visitors.peer('ola');
      await visitors.peer('olek/1');
      const caller = await visitors.easyrtc();
      const stranger = await visitors.easyrtc({ applicationName: 'acme' });
      await makeRoom('den', ann);
      await caller.command('roomJoin', { roomJoin: rooms('den') });
      await stranger.command('roomJoin', { roomJoin: rooms('den') });
      names = new Map([
        [ann.id, 'ann'],
        [caller.id, 'caller'],
        [stranger.id, 'stranger'],
      ]);
    });

    it.each<[Query, string[]]>([
      [{}, ['ann', 'ola', 'olek/1', 'caller', 'stranger']],
      [{ realm: 'default' }, ['ann', 'ola', 'olek/1', 'caller']],
      [{ realm: 'acme' }, ['stranger']],
      [{ realm: 'nowhere' }, []],
      [{ protocol: 'peer2peer-connector' }, ['ann']],
      [{ protocol: 'peerjs' }, ['ola', 'olek/1']],
      [{ protocol: 'easyrtc' }, ['caller', 'stranger']],
      [{ protocol: 'easyrtc', realm: 'acme' }, ['stranger']],
      [{ node: 'node-' }, []],
      [{ idPrefix: 'ol' }, ['ola', 'olek/1']],
      [{ idPrefix: 'ola' }, ['ola']],
      [{ idPrefix: 'Ol' }, []],
      [{ idPrefix: 'olek/' }, ['olek/1']],
      [{ idPrefix: 'ol', protocol: 'easyrtc' }, []],
      [{ room: 'den' }, ['ann', 'caller']],
      [{ room: 'den', realm: 'default' }, ['ann', 'caller']],
      [{ room: 'den', realm: 'acme' }, ['stranger']],
      [{ room: 'den', protocol: 'easyrtc' }, ['caller']],
      [{ room: 'den', protocol: 'peerjs' }, []],
      [{ room: 'den', node: 'node-3' }, []],
      [{ room: 'den', idPrefix: 'ol' }, []],
      [{ address: '127.0.0.1' }, ['ann', 'ola', 'olek/1', 'caller', 'stranger']],
      [{ address: '127.0.0.0/8', protocol: 'peerjs' }, ['ola', 'olek/1']],
      [{ address: '127.0.0.2' }, []],
      [{ address: '203.0.113.0/24' }, []],
      [{ address: '::1/128' }, []],
      [{ address: '127.0.0.1', room: 'den' }, ['ann', 'caller']],
      [{ address: '127.0.0.2', room: 'den' }, []],
    ])('%j', async (query, expected) => {
      const { body } = await list(query);
      expect(idsOf(body).map((id) => names.get(id) ?? id)).toEqual(expected);
      expect(body.cursor).toBeUndefined();
      expect(body.total).toBe(expected.length);
    });

    it.each(['node-1', 'node-2', 'node-3'])('{"node":"%s"}', async (node) => {
      const ids = new Map([...names].map(([id, name]) => [name, id]));
      const isThere = (name: string) => {
        return server.nodeOf(ids.get(name) ?? name, name === 'stranger' ? 'acme' : 'default') === node;
      };
      const listed = async (query: Query) => idsOf((await list(query)).body).map((id) => names.get(id) ?? id);
      expect(await listed({ node })).toEqual(['ann', 'ola', 'olek/1', 'caller', 'stranger'].filter(isThere));
      expect(await listed({ node, room: 'den' })).toEqual(['ann', 'caller'].filter(isThere));
    });

    it('returns an error for an unknown room', async () => {
      expect(await list({ room: 'attic' })).toEqual(problem('not-found', 'There is no room "attic".'));
      expect(await list({ room: 'den', realm: 'nowhere' })).toEqual(problem('not-found', 'There is no room "den".'));
    });

    it('returns an error for an unknown protocol', async () => {
      expect(await list({ protocol: 'sip' })).toEqual(problem('bad-request'));
    });
  });

  describe('invalid queries', () => {
    it.each<Query>([
      ...['0', '-1', '1001', '1.5', 'ten', '', ' ', 'Infinity', 'NaN', '1,2', '9'.repeat(30)].map((limit) => ({
        limit,
      })),
      { limit: ['1', '2'] },
      ...['x', '-1', '1.5', '', ' 1', '0x1', '9'.repeat(16), '9'.repeat(5000), '__proto__'].map((cursor) => ({
        cursor,
      })),
      { cursor: ['1', '2'] },
      ...['', 'localhost', '127.0.0', '127.0.0.0/33', '::/129'].map((address) => ({ address })),
      { address: 'localhost', protocol: 'peerjs' },
      { realm: ['a', 'b'] },
      { idPrefix: 'x'.repeat(4097) },
      { color: 'red' },
      { 'realm[a]': 'b' },
      { __proto__x: 'y' },
    ])('%j', async (query) => {
      expect(await list(query)).toEqual(problem('bad-request'));
    });

    it.each(['x', '-1', ''])('rejects the cursor %j in a room', async (cursor) => {
      await makeRoom('den', ...(await visitors.connectors(2)));
      expect(await list({ room: 'den', cursor })).toEqual(problem('bad-request'));
    });
  });

  describe('pages', () => {
    it('contain 100 clients by default and at most 1000', async () => {
      const all = (await visitors.connectors(250)).map(({ id }) => id);
      const first = (await list()).body;
      expect(idsOf(first)).toEqual(all.slice(0, 100));
      expect(first.total).toBe(250);
      const second = (await list({ cursor: first.cursor! })).body;
      expect(idsOf(second)).toEqual(all.slice(100, 200));
      const third = (await list({ cursor: second.cursor! })).body;
      expect(idsOf(third)).toEqual(all.slice(200));
      expect(third).not.toHaveProperty('cursor');
      expect((await list({ limit: 1000 })).body).toEqual({ items: expect.any(Array) as unknown, total: 250 });
      expect(idsOf((await list({ limit: 1000 })).body)).toEqual(all);
      expect(idsOf((await list({ limit: 1 })).body)).toEqual(all.slice(0, 1));
    });

    it('have no cursor after the last client', async () => {
      const all = (await visitors.connectors(6)).map(({ id }) => id);
      const pages = await server.api.pages<ClientSummary>('clients', { limit: 3 });
      expect(pages.map((page) => page.map(({ id }) => id))).toEqual([all.slice(0, 3), all.slice(3)]);
    });

    it('are filled with clients that match the filter', async () => {
      const expected: string[] = [];
      for (let number = 0; number < 5; number++) {
        await visitors.connector();
        await visitors.peer(`peer ${number}`);
        expected.push(`peer ${number}`);
      }
      const pages = await server.api.pages<ClientSummary>('clients', { limit: 2, protocol: 'peerjs' });
      expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
      expect(pages.flat().map(({ id }) => id)).toEqual(expected);
    });

    it('show each of 250 clients once and in order while clients connect and disconnect', async () => {
      const all = await visitors.connectors(250);
      const gone = new Set<string>();
      const shown: string[] = [];
      const expected: string[] = [];
      let cursor: string | undefined;
      for (let step = 0; ; step++) {
        const { body } = await list({ limit: 7, ...(cursor === undefined ? {} : { cursor }) });
        const staying = all.map(({ id }) => id).filter((id) => !gone.has(id) && !shown.includes(id));
        expected.push(...staying.slice(0, 7));
        shown.push(...idsOf(body));
        cursor = body.cursor;
        if (cursor === undefined) break;
        // Disconnects a listed client, the client in the cursor and the next client; every other time, a new client
        // connects.
        const at = all.findIndex(({ id }) => id === shown.at(-1));
        const leaving = [all[at - 3], all[at], all[at + 1]].filter((one) => one && !gone.has(one.id));
        await leaveAndWait(...leaving);
        for (const { id } of leaving) gone.add(id);
        if (step % 2 === 0 && step < 20) all.push(await visitors.connector());
      }
      expect(shown).toEqual(expected);
      expect(new Set(shown).size).toBe(shown.length);
      expect(all.filter(({ id }) => !gone.has(id) && !shown.includes(id))).toEqual([]);
    });

    it('show the members of a room in the order in which they joined', async () => {
      const members = await visitors.connectors(7);
      await makeRoom('den', ...members.toReversed());
      const pages = await server.api.pages<ClientSummary>('clients', { room: 'den', limit: 3 });
      expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
      expect(pages.flat().map(({ id }) => id)).toEqual(members.toReversed().map(({ id }) => id));
    });

    it('show no member of a room twice if the last member of a page leaves', async () => {
      const members = await visitors.connectors(7);
      await makeRoom('den', ...members);
      const ids = members.map(({ id }) => id);
      const first = (await list({ room: 'den', limit: 3 })).body;
      await leaveAndWait(members[2]);
      const second = (await list({ room: 'den', limit: 3, cursor: first.cursor! })).body;
      expect(idsOf(second)).toEqual(ids.slice(3, 6));
    });
  });
});
