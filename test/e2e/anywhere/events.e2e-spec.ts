import { type ServerEvent, ServerEvents } from '../../../src/index.js';
import { SignalSender } from '../../../src/signaling/signal-sender.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient, rooms } from '../../support/easyrtc-client.js';
import { PeerJsSocket, until } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';
import { makeRoom } from '../../support/visitors.js';

type OfType<T extends ServerEvent['type']> = Extract<ServerEvent, { type: T }>;

describe('events of all nodes', () => {
  let server: TestServer;
  let heard: ServerEvent[][];
  let stops: (() => void)[];

  beforeAll(async () => {
    server = await startServer();
  });
  beforeEach(() => {
    heard = server.everywhere(ServerEvents).map(() => []);
    stops = server.everywhere(ServerEvents).map(({ cluster }, at) => cluster.on('*', (event) => heard[at].push(event)));
  });
  afterEach(async () => {
    EasyRtcClient.closeAll();
    await ConnectorClient.closeAll();
    for (const stop of stops) stop();
  });

  const of = <T extends ServerEvent['type']>(type: T, events = heard[0]) =>
    events.filter((event): event is OfType<T> => event.type === type);

  /** Checks the order of the events of each session and each room. */
  function checkOrder(events: readonly ServerEvent[]): void {
    const rank = { 'client.connected': 0, 'room.joined': 1, 'room.left': 2, 'client.disconnected': 3 } as const;
    const ranks = new Map<string, number[]>();
    for (const event of events) {
      if (!('session' in event) || event.session === undefined) continue;
      const key = `${event.session} ${'room' in event ? event.room : ''}`;
      ranks.set(key, [...(ranks.get(key) ?? []), rank[event.type]]);
    }
    for (const [session, order] of ranks) expect([session, order]).toEqual([session, order.toSorted()]);
    const roomEvents = events.filter((event) => event.type === 'room.created' || event.type === 'room.joined');
    const seen = new Set<string>();
    for (const { type, room } of roomEvents) {
      if (type === 'room.created') seen.add(room);
      else expect(seen).toContain(room);
    }
  }

  it('come to every node in one order, in which each client comes, joins, leaves and goes', async () => {
    const clients = await ConnectorClient.connectMany(6, server.wsUrl);
    await makeRoom('den', ...clients);
    await makeRoom('attic', ...clients.toReversed());
    const callers = await Promise.all(
      [1, 2, 3].map(() =>
        EasyRtcClient.login(server.url, { applicationName: 'default', roomJoin: rooms('den', 'loft') }),
      ),
    );
    for (const caller of callers) await caller.close();
    await ConnectorClient.closeAll();
    await until(() => heard.every((events) => of('client.disconnected', events).length === 9));
    await until(() => heard.every((events) => of('room.ended', events).length === 3));
    for (const events of heard) expect(events).toEqual(heard[0]);
    expect(of('client.connected')).toHaveLength(9);
    expect(of('room.joined')).toHaveLength(12 + 6);
    expect(of('room.left')).toHaveLength(12 + 6);
    expect(new Set(of('client.connected').map(({ session }) => session)).size).toBe(9);
    expect(new Set(heard[0].map(({ id }) => id)).size).toBe(heard[0].length);
    for (const { id, at } of heard[0]) {
      expect(id).toMatch(/^[\w-]+$/);
      expect(new Date(at).toISOString()).toBe(at);
    }
    checkOrder(heard[0]);
  });

  it('tell a client that comes back from its former connection', async () => {
    const first = await PeerJsSocket.open(server.wsUrl, { id: 'pia', token: 'same' });
    const second = await PeerJsSocket.open(server.wsUrl, { id: 'pia', token: 'same' });
    await first.closed;
    await second.close();
    await until(() => of('client.disconnected').length === 2);
    const sessions = of('client.connected').map(({ session }) => session);
    expect(new Set(sessions).size).toBe(2);
    const ends = new Map(of('client.disconnected').map(({ session, reason }) => [session, reason]));
    expect(sessions.map((session) => ends.get(session))).toEqual(['replaced', 'closed by client']);
    checkOrder(heard[0]);
  });

  it('count the traffic of a client', async () => {
    const [ann, bob] = await ConnectorClient.connectMany(2, server.wsUrl);
    for (let at = 0; at < 3; at++) ann.send({ event: 'Message', to: bob.id, data: at });
    for (let at = 0; at < 3; at++) await bob.next();
    await ConnectorClient.closeAll();
    await until(() => of('client.disconnected').length === 2);
    const end = of('client.disconnected').find(({ client }) => client === ann.id);
    expect(end).toMatchObject({ framesIn: 3, framesOut: 1 });
    expect(end?.bytesIn).toBeGreaterThan(100);
    expect(end?.durationMs).toBeLessThan(60_000);
  });

  it('include signals of all nodes only while a listener names their type', async () => {
    const senders = server.everywhere(SignalSender);
    const isReported = () => senders.map(({ onRelayed }) => onRelayed !== undefined);
    expect(isReported()).toEqual(senders.map(() => false));
    const signals: OfType<'signal.relayed'>[] = [];
    const stop = server.everywhere(ServerEvents)[0].cluster.on('signal.relayed', (event) => signals.push(event));
    await until(() => !isReported().includes(false));
    const clients = await ConnectorClient.connectMany(4, server.wsUrl);
    for (const [at, client] of clients.entries()) {
      client.send({ event: 'Message', to: clients[(at + 1) % 4].id, data: 'secret' });
    }
    await until(() => signals.length === 4);
    expect(signals.map(({ from }) => from).sort()).toEqual(clients.map(({ id }) => id).sort());
    expect(JSON.stringify(signals)).not.toContain('secret');
    stop();
    expect(isReported()[0]).toBe(false);
    expect(of('signal.relayed')).toEqual([]);
  });
});
