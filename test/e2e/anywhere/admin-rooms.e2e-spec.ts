import type { RoomDetail, RoomPage, RoomSummary } from '../../../src/admin/room.dto.js';
import { type AdminServer, empty, ISO_TIME, problem, type Query, startAdminServer } from '../../support/admin-api.js';
import { type ConnectorClient, envelope, SHORT_UUID, titled } from '../../support/connector-client.js';
import { roomNews, rooms } from '../../support/easyrtc-client.js';
import { until } from '../../support/peerjs-socket.js';
import { makeRoom, Visitors } from '../../support/visitors.js';

const IDS = [
  ...['a/b', '/', '%2F', '%', '%zz', '?x#y', 'ä €', '😀', ' ', '+', 'a;b', '"', '\\', '\u0000', '__proto__'],
  ...['constructor', 'messages', 'clients', '0', 'x'.repeat(128)],
];

describe('admin API: rooms', () => {
  let server: AdminServer;
  let visitors: Visitors;

  beforeAll(async () => {
    server = await startAdminServer();
    visitors = new Visitors(server, server.api);
  });
  afterEach(() => visitors.leave());
  afterAll(() => server.close());

  const noRoom = (id: string) => problem('not-found', `There is no room ${JSON.stringify(id)}.`);

  const find = (id: string, query?: Query) => server.api.get<RoomDetail>(['rooms', id], query);

  const end = (id: string, query?: Query) => server.api.delete(['rooms', id], undefined, query);

  const list = (query?: Query) => server.api.get<RoomPage>('rooms', query);

  const joined = (members: ConnectorClient[], room: string, name = '') =>
    envelope('update', 'Client_Added', { clients: members.map(({ id }) => id), name, room });

  const deleted = (members: ConnectorClient[], room: string) =>
    envelope('update', 'Room_Deleted', { clients: members.map(({ id }) => id), name: '', room });

  describe('GET of a room', () => {
    it('returns its members in the order in which they joined', async () => {
      const [ann, bob] = await visitors.connectors(2);
      const caller = await visitors.easyrtc();
      await bob.ask({ event: 'Create_Room', data: { room: 'den', name: 'The Den' } });
      await ann.ask({ event: 'Join_Room', data: { room: 'den' } });
      await caller.command('roomJoin', { roomJoin: rooms('den') });
      const { status, body } = await find('den');
      expect(status).toBe(200);
      const member = (id: string) => ({ id, node: server.nodeOf(id), joinedAt: ISO_TIME });
      expect(body).toEqual({
        realm: 'default',
        id: 'den',
        name: 'The Den',
        creator: bob.id,
        since: ISO_TIME,
        isPermanent: false,
        size: 3,
        members: [member(bob.id), member(ann.id), member(caller.id)],
      });
      expect(body.since <= body.members[0].joinedAt).toBe(true);
    });

    it('returns 404 before the room is created and in another realm', async () => {
      await makeRoom('den', await visitors.connector());
      expect(await find('attic')).toEqual(noRoom('attic'));
      expect(await find('den', { realm: 'acme' })).toEqual(noRoom('den'));
      expect(await find('den', { color: 'red' })).toEqual(problem('bad-request'));
    });
  });

  describe('ids with any characters', () => {
    it.each(titled(IDS))('finds and ends %s', async (_, id) => {
      const [ann, bob] = await visitors.connectors(2);
      await makeRoom(id, ann, bob);
      const { status, body } = await find(id);
      expect({ status, id: body.id, size: body.size }).toEqual({ status: 200, id, size: 2 });
      expect(await server.api.post(['rooms', id, 'messages'], { data: 1 })).toEqual(empty(204));
      expect(await server.api.delete(['rooms', id, 'clients', bob.id])).toEqual(empty(204));
      expect((await find(id)).body.size).toBe(1);
      expect(await end(id)).toEqual(empty(204));
      expect(await find(id)).toEqual(noRoom(id));
    });

    it.each(titled(IDS))('creates %s', async (_, id) => {
      const answer = await server.api.post<RoomDetail>('rooms', { id });
      expect({ status: answer.status, id: answer.body.id }).toEqual({ status: 201, id });
      const ann = await visitors.connector();
      expect(await ann.ask({ event: 'Join_Room', data: { room: id } })).toEqual(joined([ann], id));
      expect(await end(id)).toEqual(empty(204));
    });
  });

  describe('creating a room', () => {
    it('returns a room without members and creator', async () => {
      const { status, body } = await server.api.post('rooms', { id: 'lobby', name: 'Lobby' });
      expect(status).toBe(201);
      const room = { realm: 'default', id: 'lobby', name: 'Lobby', since: ISO_TIME, isPermanent: true, size: 0 };
      expect(body).toEqual({ ...room, members: [] });
      expect((await find('lobby')).body).toEqual(body);
      expect((await list()).body).toEqual({ items: [room], total: 1 });
    });

    it.each([
      ['nothing', undefined],
      ['an empty object', {}],
    ])('generates an id for %s', async (_, body) => {
      const answer = await server.api.post<RoomDetail>('rooms', body);
      expect(answer).toMatchObject({ status: 201, body: { realm: 'default', name: '', isPermanent: true } });
      expect(answer.body.id).toMatch(SHORT_UUID);
    });

    it('works in any realm', async () => {
      await server.api.post('rooms', { id: 'lobby' });
      const there = await server.api.post('rooms', { id: 'lobby', realm: 'acme' });
      expect(there).toMatchObject({ status: 201, body: { realm: 'acme', id: 'lobby' } });
      const caller = await visitors.easyrtc({ applicationName: 'acme' });
      await caller.command('roomJoin', { roomJoin: rooms('lobby') });
      expect((await find('lobby', { realm: 'acme' })).body.size).toBe(1);
      expect((await find('lobby')).body.size).toBe(0);
    });

    it('fails if the room exists, even if another client created it', async () => {
      await makeRoom('den', await visitors.connector());
      await server.api.post('rooms', { id: 'lobby' });
      for (const id of ['den', 'lobby']) {
        expect(await server.api.post('rooms', { id })).toEqual(
          problem('room-exists', `There is a room "${id}" already.`),
        );
      }
      expect((await find('den')).body.isPermanent).toBe(false);
    });

    it.each([
      ['an empty id', { id: '' }],
      ['an id that is no text', { id: 7 }],
      ['a name that is no text', { name: ['a'] }],
      ['a realm that is no text', { realm: {} }],
      ['an unknown member', { id: 'a', creator: 'me' }],
      ['a list', []],
      ['a text', '"lobby"'],
      ['no JSON', '{"id"'],
    ])('rejects %s', async (_, body) => {
      expect(await server.api.post('rooms', body)).toEqual(problem('bad-request'));
      expect((await list()).body).toEqual({ items: [], total: 0 });
    });

    it.each([
      ['id', { id: 'x'.repeat(129) }],
      ['name', { name: 'x'.repeat(257) }],
    ])('rejects an overlong %s', async (_, body) => {
      const { status, type } = await server.api.post('rooms', body);
      expect([400, 409]).toContain(status);
      expect(type).toBe('application/problem+json');
      expect((await list()).body).toEqual({ items: [], total: 0 });
    });

    it('fails above the maximum number of rooms', async () => {
      const small = await startAdminServer({ maxRooms: 2 });
      try {
        for (const id of ['one', 'two']) expect((await small.api.post('rooms', { id })).status).toBe(201);
        expect(await small.api.post('rooms', { id: 'three' })).toEqual(
          problem('limit-reached', 'No more than 2 rooms are allowed.'),
        );
      } finally {
        await small.close();
      }
    });

    it('creates a room that outlives its last member, for both protocols', async () => {
      await server.api.post('rooms', { id: 'lobby', name: 'Lobby' });
      const ann = await visitors.connector();
      expect(await ann.ask({ event: 'Join_Room', data: { room: 'lobby' } })).toEqual(joined([ann], 'lobby', 'Lobby'));
      const caller = await visitors.easyrtc();
      const answer = await caller.command('roomJoin', { roomJoin: rooms('lobby') });
      const { lobby } = (answer.msgData as { roomData: Record<string, { clientList: object }> }).roomData;
      expect(Object.keys(lobby.clientList).sort()).toEqual([ann.id, caller.id].sort());
      await ann.next('Client_Added');
      expect((await find('lobby')).body).toMatchObject({ size: 2, isPermanent: true });

      await ann.ask({ event: 'Leave_Room', data: { room: 'lobby' } });
      await caller.command('roomLeave', { roomLeave: rooms('lobby') });
      expect((await find('lobby')).body).toMatchObject({ size: 0, members: [], isPermanent: true });
      expect(await ann.ask({ event: 'Join_Room', data: { room: 'lobby' } })).toEqual(joined([ann], 'lobby', 'Lobby'));
      await ann.close();
      await until(async () => (await find('lobby')).body.size === 0);
      expect((await list()).body.items.map(({ id, size }) => ({ id, size }))).toContainEqual({ id: 'lobby', size: 0 });
    });

    it('creates a room that no client can end', async () => {
      await server.api.post('rooms', { id: 'lobby' });
      const ann = await visitors.connector();
      await ann.ask({ event: 'Join_Room', data: { room: 'lobby' } });
      expect(await ann.ask({ event: 'End_Room', data: { room: 'lobby' } })).toMatchObject({ event: 'Unauthorised' });
      expect((await find('lobby')).status).toBe(200);
    });
  });

  describe('ending a room', () => {
    it('notifies all members, each in its protocol', async () => {
      const [ann, bob, cleo] = await visitors.connectors(3);
      const caller = await visitors.easyrtc();
      await makeRoom('den', ann, bob);
      await caller.command('roomJoin', { roomJoin: rooms('den') });
      for (const member of [ann, bob]) await member.next('Client_Added');
      expect(await end('den')).toEqual(empty(204));
      const clients = [ann.id, bob.id, caller.id];
      for (const member of [ann, bob]) {
        expect(await member.next()).toEqual(envelope('update', 'Room_Deleted', { clients, name: '', room: 'den' }));
      }
      expect(await caller.next()).toEqual(roomNews(caller, { roomName: 'den', roomStatus: 'leave' }));
      expect(await cleo.drain()).toEqual([]);
      expect(await find('den')).toEqual(noRoom('den'));
      expect(await end('den')).toEqual(noRoom('den'));
      expect(await ann.ask({ event: 'Message', room: 'den', data: 1 })).toMatchObject({ event: 'Not_Found' });
    });

    it('ends a permanent room with and without members', async () => {
      await server.api.post('rooms', { id: 'lobby' });
      await server.api.post('rooms', { id: 'empty' });
      const ann = await visitors.connector();
      await ann.ask({ event: 'Join_Room', data: { room: 'lobby' } });
      for (const id of ['lobby', 'empty']) expect(await end(id)).toEqual(empty(204));
      expect(await ann.next()).toEqual(deleted([ann], 'lobby'));
      expect((await list()).body).toEqual({ items: [], total: 0 });
    });

    it('releases its id', async () => {
      const ann = await visitors.connector();
      await makeRoom('den', ann);
      await end('den');
      await ann.next('Room_Deleted');
      expect(await ann.ask({ event: 'Create_Room', data: { room: 'den' } })).toMatchObject({ event: 'Room_Created' });
    });

    it('leaves rooms with the same id in other realms', async () => {
      const ann = await visitors.connector();
      await makeRoom('den', ann);
      expect(await end('den', { realm: 'acme' })).toEqual(noRoom('den'));
      expect(await ann.drain()).toEqual([]);
      expect((await find('den')).status).toBe(200);
    });
  });

  describe('lists', () => {
    it('are filtered by realm and id prefix', async () => {
      for (const [realm, id] of [
        ['default', 'den'],
        ['acme', 'den'],
        ['default', 'den/2'],
        ['default', 'attic'],
      ]) {
        await server.api.post('rooms', { realm, id });
      }
      const listed = async (query?: Query) => (await list(query)).body.items.map(({ realm, id }) => `${realm}:${id}`);
      expect(await listed()).toEqual(['default:den', 'acme:den', 'default:den/2', 'default:attic']);
      expect(await listed({ realm: 'acme' })).toEqual(['acme:den']);
      expect(await listed({ idPrefix: 'den' })).toEqual(['default:den', 'acme:den', 'default:den/2']);
      expect(await listed({ idPrefix: 'den', realm: 'default' })).toEqual(['default:den', 'default:den/2']);
      expect(await listed({ idPrefix: 'Den' })).toEqual([]);
      expect(await listed({ realm: 'nowhere' })).toEqual([]);
    });

    it('show each room once across pages while rooms end and others are created', async () => {
      const ids = Array.from({ length: 25 }, (_, number) => `room ${number}`);
      for (const id of ids) await server.api.post('rooms', { id });
      const first = (await list({ limit: 10 })).body;
      expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 10));
      for (const number of [3, 9, 10, 15]) await end(`room ${number}`);
      await server.api.post('rooms', { id: 'room 9' });
      const rest = await server.api.pages<RoomSummary>('rooms', { limit: 10, cursor: first.cursor! });
      const left = [...ids.slice(11, 15), ...ids.slice(16), 'room 9'];
      expect(rest.flat().map(({ id }) => id)).toEqual(left);
      expect(rest.map((page) => page.length)).toEqual([10, 4]);
    });

    it.each<Query>([
      ...['0', '1001', '1.5', 'ten', ''].map((limit) => ({ limit })),
      ...['x', '-1', '', '9'.repeat(16)].map((cursor) => ({ cursor })),
      { node: 'node-1' },
      { realm: ['a', 'b'] },
    ])('reject the query %j', async (query) => {
      expect(await list(query)).toEqual(problem('bad-request'));
    });

    it('omit hidden rooms', async () => {
      await visitors.easyrtc();
      expect((await list()).body.items.map(({ id }) => id)).toEqual(['default']);
      expect((await server.api.get('stats')).body).toMatchObject({ rooms: 1 });
    });
  });
});
