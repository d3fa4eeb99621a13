import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { AdminEventsController } from '../../../src/admin/events.controller.js';
import { ServerEvents } from '../../../src/events/server-events.js';
import {
  AdminApi,
  type AdminServer,
  OPERATE_TOKEN,
  problem,
  type Query,
  startAdminServer,
} from '../../support/admin-api.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { rooms } from '../../support/easyrtc-client.js';
import { EventStream } from '../../support/event-stream.js';
import { PeerJsSocket, until, upgradeStatus } from '../../support/peerjs-socket.js';
import { ProcessServer } from '../../support/process-server.js';
import { makeRoom, Visitors } from '../../support/visitors.js';

/** A shutdown that waits for a stream takes at least this long. */
const SHUTDOWN_TIMEOUT_MS = 25_000;

const MEMBERS = ['room.created', 'room.joined', 'room.left', 'room.ended'];

describe('admin API: events', () => {
  let server: AdminServer;
  let visitors: Visitors;

  beforeAll(async () => {
    server = await startAdminServer();
    visitors = new Visitors(server, server.api);
  });
  afterEach(async () => {
    EventStream.closeAll();
    await visitors.leave();
  });
  afterAll(() => server.close());

  const open = (query?: Query) => EventStream.connect(server.api, query);

  const listeners = () => server.app.get(AdminEventsController, { strict: false }).streamCount;

  const text = expect.any(String) as string;
  const count = expect.any(Number) as number;

  const head = (type: string, realm: string) => ({ type, id: text, at: text, node: 'node-1', realm });

  const come = (client: string, protocol: string, realm = 'default') => ({
    id: text,
    event: 'client.connected',
    data: { ...head('client.connected', realm), client, session: text, protocol, address: '127.0.0.1' },
  });

  const go = (client: string, protocol: string, reason: string) => ({
    id: text,
    event: 'client.disconnected',
    data: {
      ...come(client, protocol).data,
      type: 'client.disconnected',
      reason,
      durationMs: count,
      framesIn: count,
      framesOut: count,
      bytesIn: count,
      bytesOut: count,
    },
  });

  /** An event of a room, or of a member. */
  const ofRoom = (event: string, room: string, more: object) => ({
    id: text,
    event,
    data: { ...head(event, 'default'), room, ...more },
  });
  const created = (room: string, creator?: string, name = '') =>
    ofRoom('room.created', room, { name, ...(creator === undefined ? {} : { creator }) });
  const joined = (room: string, client: string, members: number) =>
    ofRoom('room.joined', room, { client, session: text, members, reason: 'joined' });
  const left = (room: string, client: string, members: number, reason: string) =>
    ofRoom('room.left', room, { client, session: text, members, reason });
  const ended = (room: string, reason: string, name = '') => ofRoom('room.ended', room, { name, reason });

  it('are sent as an uncacheable event stream', async () => {
    const { response } = await open();
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream\b/);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('accept read-only tokens', async () => {
    const stream = await EventStream.connect(server.reader);
    await visitors.peer('pia');
    expect(await stream.next()).toEqual(come('pia', 'peerjs'));
  });

  it('report clients of all protocols when they connect and disconnect, with the reason', async () => {
    const stream = await open({ types: 'client.connected,client.disconnected' });
    const ann = await visitors.connector();
    const peer = await visitors.peer('ä/b\n');
    const caller = await visitors.easyrtc();
    expect(await stream.nextOnes(3)).toEqual([
      come(ann.id, 'peer2peer-connector'),
      come('ä/b\n', 'peerjs'),
      come(caller.id, 'easyrtc'),
    ]);
    await ann.close();
    expect(await stream.next()).toEqual(go(ann.id, 'peer2peer-connector', 'closed by client'));
    await server.api.delete(['clients', peer.id]);
    expect(await stream.next()).toEqual(go(peer.id, 'peerjs', 'removed'));
    await caller.close();
    expect(await stream.next()).toEqual(go(caller.id, 'easyrtc', 'closed by client'));
  });

  it('report rooms made by clients', async () => {
    const [ann, bob] = await visitors.connectors(2);
    const stream = await open({ types: MEMBERS });
    await makeRoom('den', ann, bob);
    await bob.ask({ event: 'Leave_Room', data: { room: 'den' } });
    await ann.close();
    expect(await stream.nextOnes(6)).toEqual([
      created('den', ann.id),
      joined('den', ann.id, 1),
      joined('den', bob.id, 2),
      left('den', bob.id, 1, 'left'),
      left('den', ann.id, 0, 'disconnected'),
      ended('den', 'empty'),
    ]);
  });

  it('report EasyRTC rooms, without internal ones', async () => {
    const stream = await open({ types: MEMBERS });
    const caller = await visitors.easyrtc();
    await caller.command('roomJoin', { roomJoin: rooms('den') });
    await caller.command('roomLeave', { roomLeave: rooms('den') });
    expect(await stream.nextOnes(6)).toEqual([
      created('default', undefined, 'default'),
      joined('default', caller.id, 1),
      created('den', undefined, 'den'),
      joined('den', caller.id, 1),
      left('den', caller.id, 0, 'left'),
      ended('den', 'empty', 'den'),
    ]);
  });

  it('include changes to rooms by admins', async () => {
    const ann = await visitors.connector();
    const stream = await open();
    await server.api.post('rooms', { id: 'lobby' });
    await ann.ask({ event: 'Join_Room', data: { room: 'lobby' } });
    await server.api.delete(['rooms', 'lobby', 'clients', ann.id]);
    await server.api.delete(['rooms', 'lobby']);
    await makeRoom('den', ann);
    await server.api.delete(['rooms', 'den', 'clients', ann.id]);
    expect(await stream.nextOnes(8)).toEqual([
      created('lobby'),
      joined('lobby', ann.id, 1),
      left('lobby', ann.id, 0, 'removed'),
      ended('lobby', 'removed'),
      created('den', ann.id),
      joined('den', ann.id, 1),
      left('den', ann.id, 0, 'removed'),
      ended('den', 'empty'),
    ]);
  });

  describe('filters', () => {
    it('leave out other realms', async () => {
      const stream = await open({ realm: 'acme' });
      await visitors.peer('pia');
      const caller = await visitors.easyrtc({ applicationName: 'acme' });
      const events = await stream.nextOnes(3);
      expect(events.map(({ data }) => (data as { realm: string }).realm)).toEqual(['acme', 'acme', 'acme']);
      expect(events).toContainEqual(come(caller.id, 'easyrtc', 'acme'));
    });

    it('leave out the events of all clients but one, and no others', async () => {
      const stream = await open({ client: 'pia', types: 'client.connected,room.created' });
      await visitors.connector();
      await visitors.peer('pia');
      await server.api.post('rooms', { id: 'den' });
      expect(await stream.nextOnes(2)).toEqual([come('pia', 'peerjs'), created('den')]);
    });

    it.each<[string, Query]>([
      ['in one parameter', { types: 'room.joined,client.connected' }],
      ['in several', { types: ['client.connected', 'room.joined'] }],
      ['by patterns', { types: 'room.joined,client.connected,node.*' }],
      ['one of them twice', { types: 'client.connected,room.joined,room.joined,client.connected' }],
    ])('leave out other events: %s', async (_, query) => {
      const stream = await open(query);
      const ann = await visitors.connector();
      await makeRoom('den', ann);
      await ann.close();
      await visitors.peer('pia');
      expect(await stream.nextOnes(3)).toEqual([
        come(ann.id, 'peer2peer-connector'),
        joined('den', ann.id, 1),
        come('pia', 'peerjs'),
      ]);
    });

    it('apply to one stream only', async () => {
      const all = await open();
      const some = await open({ types: 'room.created' });
      await visitors.peer('pia');
      await server.api.post('rooms', { id: 'lobby' });
      expect(await all.nextOnes(2)).toEqual([come('pia', 'peerjs'), created('lobby')]);
      expect(await some.next()).toEqual(created('lobby'));
    });

    it.each<Query>([
      { types: 'nonsense' },
      { types: '' },
      { types: 'room.joined,' },
      { types: 'room.joined, room.left' },
      { types: ['room.joined', 'nonsense'] },
      { types: 'Room.joined' },
      { types: '__proto__' },
      { 'types[a]': 'room.joined' },
      { realm: ['default', 'acme'] },
      { realm: 'x'.repeat(4097) },
      { color: 'red' },
    ])('are rejected if invalid: %j', async (query) => {
      expect(await server.api.get('events', query)).toEqual(problem('bad-request'));
      expect(listeners()).toBe(0);
    });
  });

  it('show what software a client says it is', async () => {
    const stream = await open({ types: 'client.*' });
    const headers = { 'User-Agent': 'u'.repeat(300), Origin: server.url };
    const peer = await PeerJsSocket.open(server.wsUrl, { id: 'pia', headers });
    const told = { client: 'pia', userAgent: 'u'.repeat(256), origin: server.url };
    expect(await stream.next()).toMatchObject({ event: 'client.connected', data: told });
    await peer.close();
  });

  it('report refused clients, with the reason', async () => {
    await visitors.peer('pia');
    const stream = await open({ types: 'client.refused' });
    await PeerJsSocket.open(server.wsUrl, { id: 'pia', token: 'other' }).catch(() => undefined);
    expect(await stream.next()).toMatchObject({
      event: 'client.refused',
      data: { protocol: 'peerjs', address: '127.0.0.1', reason: 'ID_TAKEN', suppressed: 0, realm: '' },
    });
    expect(await upgradeStatus(server.url, '/nowhere')).toBe(404);
    expect(await stream.next()).toMatchObject({ data: { address: '127.0.0.1', reason: '404', suppressed: 0 } });
    // An answer that refuses no connection.
    await fetch(`${server.url}/nowhere`);
    expect(await upgradeStatus(server.url, '/elsewhere')).toBe(404);
    expect(await stream.next()).toMatchObject({ data: { reason: '404', suppressed: 0 } });
  });

  it('report signals to a reader that names their type, without payload and id', async () => {
    const [ann, bob] = await visitors.connectors(2);
    const all = await open();
    ann.send({ event: 'Message', to: bob.id, data: 'early' });
    await bob.next();
    const stream = await open({ types: 'signal.relayed' });
    ann.send({ event: 'Message', to: bob.id, data: 'secret' });
    const data = { ...head('signal.relayed', 'default'), kind: 'message', from: ann.id, to: bob.id };
    expect(await stream.next()).toEqual({ event: 'signal.relayed', data });
    await ann.ask({ event: 'Create_Room', data: { room: 'den' } });
    ann.send({ event: 'Message_Room', room: 'den', data: 'secret' });
    await ann.drain();
    expect(await all.next()).toMatchObject({ event: 'room.created' });
  });

  describe('of a reader that comes back', () => {
    const after = (id: string | undefined, query: Query = {}) =>
      EventStream.connect(server.api, query, { 'Last-Event-ID': id ?? '' });

    it('are replayed from the event on that it names, in the header or in the query', async () => {
      const stream = await open();
      const ids: (string | undefined)[] = [];
      for (const room of ['a', 'b', 'c', 'd']) {
        await server.api.post('rooms', { id: room });
        ids.push((await stream.next()).id);
      }
      expect(await (await after(ids[1])).nextOnes(2)).toEqual([created('c'), created('d')]);
      expect(await (await open({ since: ids[0]! })).nextOnes(3)).toEqual([created('b'), created('c'), created('d')]);
      const both = await after(ids[2], { since: ids[0]!, types: 'room.*' });
      expect(await both.next()).toEqual(created('d'));
      await server.api.post('rooms', { id: 'e' });
      expect(await both.next()).toEqual(created('e'));
    });

    it('are filtered as others are', async () => {
      const stream = await open();
      await visitors.peer('pia');
      const { id } = await stream.next();
      await server.api.post('rooms', { id: 'a' });
      await server.api.post('rooms', { id: 'b', realm: 'acme' });
      await visitors.peer('pit');
      expect(await (await after(id, { types: 'client.connected' })).next()).toEqual(come('pit', 'peerjs'));
      expect(await (await after(id, { realm: 'acme' })).next()).toMatchObject({ data: { room: 'b', realm: 'acme' } });
    });

    it('begin with a gap if the event is gone, or never was', async () => {
      const gap = { event: 'gap', data: { type: 'gap' } };
      for (const id of ['nonsense', `${Date.now().toString(36)}-AAAAAAAA-1`]) {
        const stream = await after(id);
        expect(await stream.next()).toEqual(gap);
        // Then comes all that is kept.
        expect(await stream.next()).toMatchObject({ event: 'node.joined', data: { node: 'node-1', realm: '' } });
        stream.close();
      }
      const stream = await open({ types: 'room.created' });
      await server.api.post('rooms', { id: 'first' });
      const { id } = await stream.next();
      stream.close();
      const events = server.app.get(ServerEvents, { strict: false });
      for (let at = 0; at <= 10_000; at++) {
        events.emit({ type: 'room.ended', realm: 'default', room: String(at), name: '', reason: 'empty' });
      }
      const late = await after(id);
      expect(await late.next()).toEqual(gap);
      const replayed = await late.nextOnes(10_000);
      expect(replayed.map(({ data }) => (data as { room: string }).room)).toEqual(
        Array.from({ length: 10_000 }, (_, at) => String(at + 1)),
      );
    });
  });

  it('are not queued for closed streams', async () => {
    const staying = await open();
    const leaving = await open();
    const before = listeners();
    leaving.close();
    await until(() => listeners() === before - 1);
    await server.api.post('rooms', { id: 'lobby' });
    expect(await staying.next()).toEqual(created('lobby'));
    staying.close();
    await until(() => listeners() === 0);
  });

  it('are not queued without bound for slow readers', async () => {
    const events = server.app.get(ServerEvents, { strict: false });
    const request = httpRequest(`${server.url}/admin/v1/events`, {
      headers: { Authorization: `Bearer ${OPERATE_TOKEN}` },
    });
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const cut = new Promise((resolve) => response.once('close', resolve));
    response.on('error', () => undefined);
    expect(listeners()).toBe(1);
    for (let number = 0; number < 400 && listeners() > 0; number++) {
      events.emit({ type: 'room.created', realm: 'default', room: 'x'.repeat(100_000), name: '' });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(listeners()).toBe(0);
    // The reader still receives the data sent before, and then the end of the stream.
    response.resume();
    await cut;
    expect(response.complete).toBe(false);
  });

  describe('of a server that stops', () => {
    it('end without delaying the shutdown', async () => {
      const stopping = await startAdminServer({ shutdownTimeoutMs: SHUTDOWN_TIMEOUT_MS });
      const streams = [await EventStream.connect(stopping.api), await EventStream.connect(stopping.reader)];
      const begin = performance.now();
      await stopping.close();
      for (const stream of streams) await stream.ended;
      expect(performance.now() - begin).toBeLessThan(SHUTDOWN_TIMEOUT_MS);
    });

    it('do not delay the shutdown if they are requested during it', async () => {
      const stopping = await startAdminServer({ shutdownTimeoutMs: SHUTDOWN_TIMEOUT_MS });
      const first = await EventStream.connect(stopping.api, { types: 'room.created' });
      const ann = await ConnectorClient.connect(stopping.wsUrl);
      // Ann does not answer the close frame, so the server waits for her.
      ann.socket.pause();
      const begin = performance.now();
      const closed = stopping.close();
      await first.ended;
      // The request may be refused or ended at once, but must not keep the server running.
      const late = await EventStream.connect(stopping.api).catch(() => undefined);
      ann.terminate();
      await closed;
      await late?.ended.catch(() => undefined);
      expect(performance.now() - begin).toBeLessThan(SHUTDOWN_TIMEOUT_MS);
    });

    it('end cleanly in a separate process, which exits with 0', async () => {
      const stopping = await ProcessServer.start(['--shutdown-timeout-ms', String(SHUTDOWN_TIMEOUT_MS)], {
        SIGNALBOX_ADMIN_TOKENS: `olga:operate:${OPERATE_TOKEN}`,
      });
      try {
        const stream = await EventStream.connect(new AdminApi(stopping.url, OPERATE_TOKEN));
        // The event of this client arrives while the stream is ending.
        const ann = await ConnectorClient.connect(stopping.wsUrl);
        await stream.next();
        const { code, ms } = await stopping.stop();
        await ann.closed;
        await stream.ended;
        expect({ code, errors: stopping.errors }).toEqual({ code: 0, errors: '' });
        expect(ms).toBeLessThan(SHUTDOWN_TIMEOUT_MS);
      } finally {
        await ProcessServer.killAll();
      }
    });
  });
});
