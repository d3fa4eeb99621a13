import { jest } from '@jest/globals';
import type { ClientDetail, ClientPage } from '../../../src/admin/client.dto.js';
import { ClientsService, RoomsService, ServerEvents, SignalingService } from '../../../src/index.js';
import { Log } from '../../../src/logging/log.js';
import { Connections } from '../../../src/transport/lifecycle/connections.js';
import { DrainService } from '../../../src/transport/lifecycle/drain.service.js';
import { type AdminServer, empty, ISO_TIME, startAdminServer } from '../../support/admin-api.js';
import { becomes } from '../../support/becomes.js';
import { Bot } from '../../support/bot.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { PeerJsSocket, until } from '../../support/peerjs-socket.js';

let server: AdminServer;

beforeEach(async () => {
  server = await startAdminServer({ allowDiscovery: true, ownerTimeoutMs: 500 });
});

const clients = () => server.app.get(ClientsService, { strict: false });

/** Counts what is left of clients and rooms on all nodes. */
async function left(): Promise<number[]> {
  const here = server.everywhere(ClientsService).map(({ countHere }) => countHere);
  const open = server.everywhere(Connections).map(({ size }) => size);
  const rooms = await server.app.get(RoomsService, { strict: false }).count();
  return [await clients().count(), rooms, ...here, ...open];
}

const nothing = () => [0, 0, ...server.everywhere(ClientsService).flatMap(() => [0, 0])];

describe('the id of a virtual client', () => {
  it.each([0, 1])('cannot be taken by other clients (on node %i)', async (node) => {
    await Bot.add(server, { node });
    for (const at of [0, 1]) {
      for (const protocol of [undefined, 'peerjs', 'peer2peer-connector']) {
        await expect(Bot.add(server, { node: at, protocol })).rejects.toMatchObject({
          code: 'ID_TAKEN',
          data: { id: 'bot' },
        });
      }
      const peer = await PeerJsSocket.connect(server.wsUrl, { id: 'bot' });
      expect(await peer.next()).toMatchObject({ type: 'ID-TAKEN' });
    }
    expect(await clients().count()).toBe(1);
  });

  it('cannot be taken even by clients of its own protocol, which ask its node whether it is alive', async () => {
    await Bot.add(server, { protocol: 'peerjs', node: 1 });
    const peer = await PeerJsSocket.connect(server.wsUrl, { id: 'bot' });
    expect(await peer.next()).toMatchObject({ type: 'ID-TAKEN' });
  });

  it('is refused if another client has it, and leaves nothing behind', async () => {
    const peer = await PeerJsSocket.open(server.wsUrl, { id: 'bot' });
    for (const protocol of [undefined, 'peerjs']) {
      await expect(Bot.add(server, { node: 1, protocol })).rejects.toMatchObject({ code: 'ID_TAKEN' });
    }
    expect(await peer.rest()).toEqual([]);
    await peer.close();
    await until(async () => (await clients().count()) === 0);
    await becomes(left, nothing());
    await Bot.add(server, { node: 1 });
  });

  it('belongs to its realm', async () => {
    await Bot.add(server);
    await Bot.add(server, { realm: 'other', node: 1 });
    expect(await clients().count()).toBe(2);
  });

  it('is free for clients of every protocol when it has closed', async () => {
    const bot = await Bot.add(server, { node: 1 });
    await bot.client.close();
    const peer = await PeerJsSocket.open(server.wsUrl, { id: 'bot' });
    await peer.close();
    await until(async () => (await clients().count()) === 0);
    await Bot.add(server);
  });

  it('goes to one of several that want it at once', async () => {
    const wanted = Array.from({ length: 10 }, (_, node) => Bot.add(server, { node }));
    const outcomes = await Promise.allSettled(wanted);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await becomes(async () => (await left())[0], 1);
  });

  it.each([
    ['empty', { id: '' }, 'INVALID_REQUEST'],
    ['no text', { id: 1 as unknown as string }, 'INVALID_REQUEST'],
    ['too long', { id: 'x'.repeat(129) }, 'LIMIT_REACHED'],
    ['in an empty realm', { realm: '' }, 'INVALID_REQUEST'],
  ])('is refused if it is %s', async (_, options, code) => {
    await expect(Bot.add(server, options)).rejects.toMatchObject({ code });
    expect(await left()).toEqual(nothing());
  });
});

describe('a virtual client', () => {
  it('is listed like other clients, with its rooms and its traffic', async () => {
    const bot = await Bot.add(server, { node: 1 });
    await bot.client.join('r', { create: true });
    const summary = { realm: 'default', id: 'bot', protocol: 'virtual', node: server.nodeOf('bot'), address: '', since: ISO_TIME }; // prettier-ignore
    const queries: Record<string, string>[] = [{}, { protocol: 'virtual' }, { room: 'r' }, { idPrefix: 'bo' }];
    for (const query of queries) {
      expect((await server.api.get<ClientPage>('clients', query)).body.items).toEqual([summary]);
    }
    await bot.client.send({ kind: 'message', to: 'bot', payload: 'four' });
    await bot.next();
    expect((await server.api.get<ClientDetail>(['clients', 'bot'])).body).toEqual({
      ...summary,
      lastSeen: ISO_TIME,
      rooms: ['r'],
      framesIn: 1,
      bytesIn: 6,
      framesOut: 2,
      bytesOut: 6,
      waitingBytes: 0,
    });
    expect((await server.api.get('stats')).body).toMatchObject({ clients: 1, clientsByProtocol: { virtual: 1 } });
  });

  it('is listed as a client of its protocol, by PeerJS too', async () => {
    await Bot.add(server, { node: 1, protocol: 'peerjs' });
    await Bot.add(server, { id: 'other' });
    expect(await (await fetch(`${server.url}/peerjs/peers`)).json()).toEqual(['bot']);
    const { body } = await server.api.get<ClientPage>('clients', { protocol: 'peerjs' });
    expect(body.items.map(({ id }) => id)).toEqual(['bot']);
  });

  it('causes the events of other clients on its node', async () => {
    const heard: unknown[] = [];
    const events = server.everywhere(ServerEvents).at(-1)!;
    for (const pattern of ['client.*', 'room.joined', 'room.left'] as const) events.on(pattern, (event) => heard.push(event)); // prettier-ignore
    const bot = await Bot.add(server, { node: 1 });
    const node = server.nodeOf('bot');
    await bot.client.join('r', { create: true });
    await bot.client.close();
    const { session } = heard[0] as { session: string };
    const head = { id: expect.any(String) as string, at: expect.any(String) as string, node, realm: 'default' };
    const client = { ...head, client: 'bot', session, protocol: 'virtual', address: '' };
    const member = { ...head, room: 'r', client: 'bot', session };
    const traffic = { framesIn: 0, framesOut: 1, bytesIn: 0, bytesOut: 0 };
    expect(heard).toEqual([
      { type: 'client.connected', ...client },
      { type: 'room.joined', ...member, members: 1, reason: 'joined' },
      { type: 'room.left', ...member, members: 0, reason: 'disconnected' },
      { type: 'client.disconnected', ...client, reason: 'closed by client', durationMs: expect.any(Number) as number, ...traffic }, // prettier-ignore
    ]);
  });

  it('gets no signal before it is returned', async () => {
    const peer = await PeerJsSocket.open(server.wsUrl, 'ann');
    peer.send({ type: 'OFFER', dst: 'bot', payload: 1 });
    await peer.rest();
    const order: string[] = [];
    await Bot.add(server, { onSignal: () => order.push('signal') });
    order.push('returned');
    await until(() => order.length === 2);
    expect(order).toEqual(['returned', 'signal']);
  });

  it('releases everything when it closes, once', async () => {
    const bot = await Bot.add(server, { node: 1 });
    await bot.client.join('r', { create: true });
    await Promise.all([bot.client.close(), bot.client.close()]);
    await bot.client.close();
    expect(await left()).toEqual(nothing());
    expect(bot.ends).toEqual([]);
    const gone = { code: 'CLIENT_NOT_FOUND', data: { id: 'bot' } };
    await expect(bot.client.send({ kind: 'message', to: 'bot' })).rejects.toMatchObject(gone);
    await expect(bot.client.join('r', { create: true })).rejects.toMatchObject(gone);
    await expect(bot.client.leave('r')).rejects.toMatchObject(gone);
    const ann = await ConnectorClient.connect(server.wsUrl);
    ann.send({ event: 'Message', to: 'bot', data: 1 });
    expect(await ann.next()).toMatchObject({ type: 'error', event: 'Not_Found' });
  });

  it('ends when an administrator disconnects it', async () => {
    const bot = await Bot.add(server, { node: 1 });
    await bot.client.join('r', { create: true });
    expect(await server.api.delete(['clients', 'bot'])).toEqual(empty(204));
    await becomes(() => bot.ends, ['removed']);
    expect(await left()).toEqual(nothing());
  });

  it('gets messages of the admin API and of the application', async () => {
    const bot = await Bot.add(server, { node: 1 });
    expect(await server.api.post(['clients', 'bot', 'messages'], { data: [1], msgType: 'news' })).toEqual(empty(204));
    expect(await bot.next()).toEqual({ kind: 'message', from: '', type: 'news', payload: [1] });
    await bot.client.join('r', { create: true });
    const signaling = server.app.get(SignalingService, { strict: false });
    await signaling.sendFromServerToRoom('default', 'r', { kind: 'message' });
    expect(await bot.next()).toEqual({ kind: 'message', from: '', room: 'r' });
  });

  it('ends when its node is drained, which then takes no new one', async () => {
    const bot = await Bot.add(server);
    await bot.client.join('r', { create: true });
    await server.app.get(DrainService, { strict: false }).sendClientsAway();
    expect(bot.ends).toEqual(['server shutdown']);
    expect(await left()).toEqual(nothing());
    await expect(Bot.add(server, { id: 'late' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('ends with the shutdown of its node', async () => {
    const bots = [await Bot.add(server), await Bot.add(server, { id: 'other', node: 1 })];
    for (const { client } of bots) await client.join('r', { create: client.id === 'bot' });
    await server.close();
    expect(bots.map(({ ends }) => ends)).toEqual([['server shutdown'], ['server shutdown']]);
  });
});

describe('the callbacks of a virtual client', () => {
  let complaints: unknown[][];

  beforeEach(() => {
    complaints = [];
    for (const { logger } of server.everywhere(Log)) {
      jest.spyOn(logger, 'error').mockImplementation((...args: unknown[]) => void complaints.push(args));
    }
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  const broken = (): never => {
    throw new Error('broken');
  };

  it.each([
    ['throw', broken],
    ['reject', () => Promise.reject(new Error('broken'))],
  ])('may %s: the error is logged, and harms no client', async (_, fail) => {
    const ann = await ConnectorClient.connect(server.wsUrl);
    const bot = await Bot.add(server, { onSignal: fail, onRoomChange: fail, onEnd: fail, node: 1 });
    await bot.client.join('r', { create: true });
    ann.send({ event: 'Message', to: 'bot', data: 1 });
    ann.send({ event: 'Message', to: 'bot', data: 2 });
    expect(await ann.drain()).toEqual([]);
    await until(() => complaints.length === 3);
    await server.api.delete(['clients', 'bot']);
    await until(() => complaints.length === 4);
    for (const [line, message] of complaints) {
      expect(line).toMatchObject({ realm: 'default', client: 'bot', err: { message: 'broken' } });
      expect(message).toBe('a callback of a virtual client has failed');
    }
    await becomes(async () => (await left()).slice(0, 2), [1, 0]);
  });
});
