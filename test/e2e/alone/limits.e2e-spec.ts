import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Config } from '../../../src/config/config.js';
import { Counters } from '../../../src/counters/counters.js';
import { RoomsService } from '../../../src/rooms/rooms.service.js';
import { Places } from '../../../src/transport/bounds/places.js';
import { Connections } from '../../../src/transport/lifecycle/connections.js';
import { ConnectorClient, errorOf, type ReceivedFrame } from '../../support/connector-client.js';
import { until, upgradeStatus } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';

const KIB = 1024;
const MIB = 1024 * KIB;

let server: TestServer;
const sockets = new Set<Socket>();

async function start(options: Partial<Config> = {}): Promise<void> {
  server = await startServer(options);
}

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await ConnectorClient.closeAll();
  await server.close();
});

const joinRoom = (room: string) => ({ event: 'Join_Room', data: { room } });
const create = (room?: string, name?: string) => ({ event: 'Create_Room', data: { room, name } });
const leave = (room: string) => ({ event: 'Leave_Room', data: { room } });
const end = (room: string) => ({ event: 'End_Room', data: { room } });
const tooMany = (limit: number, what: string) =>
  errorOf('Limit_Exceeded', `No more than ${limit} ${what} are allowed.`);

const counters = () => server.app.get(Counters, { strict: false });
const connections = () => server.app.get(Connections, { strict: false });
const places = () => server.app.get(Places, { strict: false });

/** Connects two clients. Returns a check that they still reach each other and have received nothing else. */
async function bystanders(): Promise<() => Promise<void>> {
  const [ann, bob] = await ConnectorClient.connectMany(2, server.wsUrl);
  ann.send(create('theirs'));
  await ann.next('Room_Created');
  bob.send(joinRoom('theirs'));
  await Promise.all([ann.next('Client_Added'), bob.next('Client_Added')]);
  return async () => {
    ann.send({ event: 'Message', to: bob.id, data: 'still there' });
    expect(await bob.next()).toEqual({ event: 'Message', from: ann.id, data: 'still there' });
    expect(await ann.drain()).toEqual([]);
    expect(await bob.drain()).toEqual([]);
  };
}

describe('maxFrameBytes', () => {
  /** Builds a message of exactly `bytes` bytes. */
  function messageOf(bytes: number, to: string): string {
    const frame = (data: string) => JSON.stringify({ event: 'Message', to, data });
    return frame('x'.repeat(bytes - frame('').length));
  }

  it.each([
    ['the default', {}, MIB],
    ['1 KiB', { maxFrameBytes: KIB }, KIB],
  ])('%s: accepts a frame at the bound, and closes with 1009 one byte above it', async (_, options, limit) => {
    await start(options);
    const areWell = await bystanders();
    const [ann, bob] = await ConnectorClient.connectMany(2, server.wsUrl);
    const largest = messageOf(limit, bob.id);
    expect(Buffer.byteLength(largest)).toBe(limit);
    ann.send(largest);
    const { data } = JSON.parse(largest) as ReceivedFrame;
    expect(await bob.next()).toEqual({ event: 'Message', from: ann.id, data });

    ann.send(messageOf(limit + 1, bob.id));
    expect((await ann.closed).code).toBe(1009);
    expect(await bob.drain()).toEqual([]);
    await areWell();
    await until(() => connections().size === 3);
    expect(counters().endedConnections.entries()).toEqual([['protocol violation', 1]]);
  });

  it('counts all fragments of a message', async () => {
    await start();
    const areWell = await bystanders();
    const [ann, bob] = await ConnectorClient.connectMany(2, server.wsUrl);
    for (const [bytes, closes] of [
      [MIB, false],
      [MIB + 1, true],
    ] as const) {
      const message = Buffer.from(messageOf(bytes, bob.id));
      ann.socket.send(message.subarray(0, MIB / 2), { binary: false, fin: false });
      ann.socket.send(message.subarray(MIB / 2), { binary: false, fin: true });
      if (closes) expect((await ann.closed).code).toBe(1009);
      else expect(await bob.next('Message')).toMatchObject({ from: ann.id });
    }
    expect(await bob.drain()).toEqual([]);
    await areWell();
  });
});

describe('the fragments of a message', () => {
  it.each([
    ['64 of them', {}, 64, 1],
    ['64 of them, empty ones too', {}, 64, 0],
    ['one', { maxFragments: 1 }, 1, 1],
  ])('%s: are accepted up to the bound, and one more closes with 1008', async (_, options, limit, bytes) => {
    await start(options);
    const areWell = await bystanders();
    const [ann, bob] = await ConnectorClient.connectMany(2, server.wsUrl);
    const message = Buffer.from(JSON.stringify({ event: 'Message', to: bob.id, data: 'y'.repeat(limit) }));
    const sendIn = (fragments: number) => {
      for (let i = 0; i < fragments - 1; i++) {
        ann.socket.send(message.subarray(i * bytes, (i + 1) * bytes), { binary: false, fin: false });
      }
      ann.socket.send(message.subarray((fragments - 1) * bytes), { binary: false, fin: true });
    };
    sendIn(limit);
    expect(await bob.next()).toEqual({ event: 'Message', from: ann.id, data: 'y'.repeat(limit) });
    sendIn(limit + 1);
    expect((await ann.closed).code).toBe(1008);
    expect(await bob.drain()).toEqual([]);
    await areWell();
  });
});

describe('connections', () => {
  it('beyond maxConnections are rejected with 503 until one ends', async () => {
    await start({ maxConnections: 3 });
    const seated = await ConnectorClient.connectMany(3, server.wsUrl);
    for (let i = 1; i <= 3; i++) {
      expect(await upgradeStatus(server.url, '/')).toBe(503);
      expect(await upgradeStatus(server.url)).toBe(503);
      expect(counters().refusedUpgrades.get('503')).toBe(2 * i);
    }
    expect((await fetch(server.url)).status).toBe(200);

    await seated[0].close();
    await until(() => connections().size === 2);
    const next = await ConnectorClient.connect(server.wsUrl);
    expect(await upgradeStatus(server.url, '/')).toBe(503);
    next.terminate();
    await until(() => connections().size === 2);
    expect(await upgradeStatus(server.url, '/')).toBe(101);
    for (const client of seated.slice(1)) expect(await client.drain()).toEqual([]);
  });

  it('number exactly maxConnections when many arrive at once', async () => {
    await start({ maxConnections: 5 });
    const arrivals = Array.from({ length: 50 }, () => ConnectorClient.connect(server.wsUrl));
    const outcomes = await Promise.allSettled(arrivals);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect(connections().size).toBe(5);
    expect(counters().refusedUpgrades.entries()).toEqual([['503', 45]]);
  });

  it('beyond maxConnectionsPerIp are rejected with 429 until one ends', async () => {
    await start({ maxConnectionsPerIp: 2 });
    const [first] = await ConnectorClient.connectMany(2, server.wsUrl);
    expect(await upgradeStatus(server.url, '/')).toBe(429);
    expect(await upgradeStatus(server.url)).toBe(429);
    // Only trusted proxies may name the address of a client.
    expect(await upgradeStatus(server.url, '/', { 'x-forwarded-for': '192.0.2.1' })).toBe(429);
    expect(counters().refusedUpgrades.entries()).toEqual([['429', 3]]);
    first.terminate();
    await until(() => places().countFrom('127.0.0.1') === 1);
    await ConnectorClient.connect(server.wsUrl);
    expect(await upgradeStatus(server.url, '/')).toBe(429);
  });

  it('from other addresses are not counted', async () => {
    await start({ maxConnectionsPerIp: 1, proxied: true });
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    const one = await ConnectorClient.connect(server.wsUrl, from('192.0.2.1'));
    await ConnectorClient.connect(server.wsUrl, from('192.0.2.2'));
    expect(await upgradeStatus(server.url, '/', from('192.0.2.1').headers)).toBe(429);
    expect(await upgradeStatus(server.url, '/', from('192.0.2.2').headers)).toBe(429);
    await one.close();
    await until(() => places().countFrom('192.0.2.1') === 0);
    expect(await upgradeStatus(server.url, '/', from('192.0.2.2').headers)).toBe(429);
    await ConnectorClient.connect(server.wsUrl, from('192.0.2.1'));
  });
});

describe('the handshake timeout', () => {
  const TIMEOUT_MS = 1000;
  const GRACE_MS = 1000;
  const UPGRADE = [
    'GET / HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...['', ''],
  ].join('\r\n');

  async function dial(): Promise<Socket> {
    const socket = connect(server.port, '127.0.0.1');
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    await once(socket, 'connect');
    return socket;
  }

  /** Returns the milliseconds until the other side closes. */
  async function msUntilClosed(socket: Socket, since = performance.now()): Promise<number> {
    socket.resume();
    await once(socket, 'close');
    return performance.now() - since;
  }

  /** Sends single bytes without end. */
  async function dribble(socket: Socket, text: string): Promise<void> {
    for (const byte of text.padEnd(1_000_000, 'x')) {
      if (socket.destroyed || socket.writableEnded) return;
      socket.write(byte);
      await sleep(20);
    }
  }

  const inTime = (ms: number) => {
    expect(ms).toBeGreaterThan(TIMEOUT_MS - 50);
    expect(ms).toBeLessThan(TIMEOUT_MS + GRACE_MS);
  };

  it('closes connections that send nothing, or too slowly', async () => {
    await start({ upgradeTimeoutMs: TIMEOUT_MS });
    const silent = await dial();
    const half = await dial();
    half.write(UPGRADE.slice(0, -2));
    const drop = await dial();
    const dribbled = dribble(drop, UPGRADE.slice(0, 30));
    const longHeader = await dial();
    longHeader.write(UPGRADE.slice(0, -2));
    const dribbledHeader = dribble(longHeader, 'X-Long: ');
    const times = await Promise.all([silent, half, drop, longHeader].map((socket) => msUntilClosed(socket)));
    times.forEach(inTime);
    await Promise.all([dribbled, dribbledHeader]);
    expect(connections().size).toBe(0);
    await (
      await bystanders()
    )();
  });

  it('applies to the second request of a connection, too', async () => {
    await start({ upgradeTimeoutMs: TIMEOUT_MS });
    const socket = await dial();
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(socket, 'data');
    const since = performance.now();
    const dribbled = dribble(socket, UPGRADE.slice(0, 30));
    inTime(await msUntilClosed(socket, since));
    await dribbled;
  });

  it('ends with the handshake', async () => {
    await start({ upgradeTimeoutMs: TIMEOUT_MS });
    const slow = await dial();
    slow.write(UPGRADE.slice(0, 40));
    const idle = await ConnectorClient.connect(server.wsUrl);
    const silent = await dial();
    await sleep(TIMEOUT_MS / 2);
    slow.write(UPGRADE.slice(40));
    const [answer] = (await once(slow, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 101 /);
    await msUntilClosed(silent);
    const afterwards = await dial();
    await msUntilClosed(afterwards);
    expect(await idle.drain()).toEqual([]);
    expect(slow.destroyed).toBe(false);
    expect(connections().size).toBe(2);
  });

  it('starts again for the body of a request', async () => {
    await start({ upgradeTimeoutMs: TIMEOUT_MS });
    const socket = await dial();
    socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{');
    const ms = await msUntilClosed(socket);
    expect(ms).toBeGreaterThan(TIMEOUT_MS - 50);
    expect(ms).toBeLessThan(2 * TIMEOUT_MS + GRACE_MS);
  });

  it('can be as long as a day', async () => {
    await start({ upgradeTimeoutMs: 86_400_000 });
    await (
      await bystanders()
    )();
  });

  it('includes the TLS handshake', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'limits-'));
    try {
      const [sslkey, sslcert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
      const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', sslkey];
      const cert = ['-x509', '-days', '1', '-subj', '/CN=localhost', '-out', sslcert];
      execFileSync('openssl', ['req', ...key, ...cert], { stdio: 'ignore' });
      await start({ upgradeTimeoutMs: TIMEOUT_MS, sslkey, sslcert });
    } finally {
      rmSync(folder, { recursive: true });
    }
    const since = performance.now();
    const secured = connectTls({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false });
    sockets.add(secured);
    secured.on('error', () => secured.destroy());
    await once(secured, 'secureConnect');
    inTime(await msUntilClosed(secured, since));
    const silent = await dial();
    inTime(await msUntilClosed(silent));
  });
});

describe('rooms', () => {
  const roomIds = async () => {
    const { items } = await server.app.get(RoomsService, { strict: false }).list({ limit: 100 });
    return items.map(({ id }) => id);
  };

  it('number at most maxRooms in all', async () => {
    await start({ maxRooms: 3 });
    const refusal = tooMany(3, 'rooms');
    const [ann, bob] = await ConnectorClient.connectMany(2, server.wsUrl);
    for (const [client, room] of [
      [ann, 'a'],
      [ann, 'b'],
      [bob, 'c'],
    ] as const) {
      expect(await client.ask(create(room))).toMatchObject({ event: 'Room_Created' });
    }
    for (const client of [ann, bob, ann]) expect(await client.ask(create('d'))).toEqual(refusal);
    expect(await ann.ask(create())).toEqual(refusal);
    // Existing rooms remain usable.
    expect(await bob.ask(create('a'))).toEqual(errorOf('Duplicate_Room', 'a already exist'));
    expect(await bob.ask(joinRoom('a'))).toMatchObject({ event: 'Client_Added' });
    expect(await ann.next()).toMatchObject({ event: 'Client_Added' });
    expect(await roomIds()).toEqual(['a', 'b', 'c']);

    expect(await ann.ask(leave('b'))).toMatchObject({ event: 'Room_Left' });
    expect(await bob.ask(create('d'))).toMatchObject({ event: 'Room_Created' });
    expect(await ann.ask(create('e'))).toEqual(refusal);
    expect(await bob.ask(end('d'))).toMatchObject({ event: 'Room_Deleted' });
    expect(await ann.ask(create('e'))).toMatchObject({ event: 'Room_Created' });
    expect(await ann.ask(create('f'))).toEqual(refusal);
    bob.terminate();
    await ann.next('Client_Removed');
    await until(async () => (await roomIds()).length === 2);
    expect(await ann.ask(create('f'))).toMatchObject({ event: 'Room_Created' });
    expect(await roomIds()).toEqual(['a', 'e', 'f']);
    expect(counters().rejectedFrames.get('LIMIT_REACHED')).toBe(6);
  });

  it('of one creator number at most maxRoomsCreatedPerClient', async () => {
    await start({ maxRoomsCreatedPerClient: 2 });
    const refusal = tooMany(2, 'rooms created by a client');
    const [ann, bob] = await ConnectorClient.connectMany(2, server.wsUrl);
    for (const room of ['a', 'b']) expect(await ann.ask(create(room))).toMatchObject({ event: 'Room_Created' });
    expect(await ann.ask(create('c'))).toEqual(refusal);
    expect(await ann.ask(create())).toEqual(refusal);
    expect(await bob.ask(create('c'))).toMatchObject({ event: 'Room_Created' });
    // Rooms of other creators are not counted.
    expect(await ann.ask(joinRoom('c'))).toMatchObject({ event: 'Client_Added' });
    expect(await ann.ask(end('a'))).toMatchObject({ event: 'Room_Deleted' });
    expect(await ann.ask(create('d'))).toMatchObject({ event: 'Room_Created' });
    expect(await ann.ask(create('e'))).toEqual(refusal);
    expect(await ann.ask(leave('b'))).toMatchObject({ event: 'Room_Left' });
    expect(await ann.ask(create('e'))).toMatchObject({ event: 'Room_Created' });
    expect(await roomIds()).toEqual(['c', 'd', 'e']);
    // A rejected request is not counted.
    await ann.ask(leave('d'));
    expect(await ann.ask(create('c'))).toMatchObject({ event: 'Duplicate_Room' });
    expect(await ann.ask(create('f'))).toMatchObject({ event: 'Room_Created' });
  });

  it('joined by one client number at most maxRoomsJoinedPerClient', async () => {
    await start({ maxRoomsJoinedPerClient: 2 });
    const refusal = tooMany(2, 'rooms joined by a client');
    const [ann, bob, eve] = await ConnectorClient.connectMany(3, server.wsUrl);
    for (const room of ['a', 'b']) expect(await bob.ask(create(room))).toMatchObject({ event: 'Room_Created' });
    expect(await bob.ask(create('c'))).toEqual(refusal);
    expect(await eve.ask(create('c'))).toMatchObject({ event: 'Room_Created' });
    for (const room of ['a', 'b']) expect(await ann.ask(joinRoom(room))).toMatchObject({ event: 'Client_Added' });
    expect(await ann.ask(joinRoom('c'))).toEqual(refusal);
    expect(await ann.ask(create('d'))).toEqual(refusal);
    // For a member, `Already_Exists` takes precedence over the bound.
    expect(await ann.ask(joinRoom('a'))).toEqual(errorOf('Already_Exists', 'Client already exists in the room.'));
    expect(await roomIds()).toEqual(['a', 'b', 'c']);
    expect(await eve.drain()).toEqual([]);

    expect(await ann.ask(leave('a'))).toMatchObject({ event: 'Room_Left' });
    expect(await ann.ask(joinRoom('c'))).toMatchObject({ event: 'Client_Added' });
    expect(await ann.ask(joinRoom('a'))).toEqual(refusal);
    await eve.next('Client_Added');
    expect(await eve.ask(end('c'))).toMatchObject({ event: 'Room_Deleted' });
    await ann.next('Room_Deleted');
    expect(await ann.ask(joinRoom('a'))).toMatchObject({ event: 'Client_Added' });
  });

  it('have at most maxRoomMembers members', async () => {
    await start({ maxRoomMembers: 2 });
    const refusal = tooMany(2, 'members of a room');
    const [ann, bob, eve] = await ConnectorClient.connectMany(3, server.wsUrl);
    await ann.ask(create('a'));
    expect(await bob.ask(joinRoom('a'))).toMatchObject({ event: 'Client_Added' });
    for (let i = 0; i < 2; i++) expect(await eve.ask(joinRoom('a'))).toEqual(refusal);
    expect(await bob.ask(joinRoom('a'))).toMatchObject({ event: 'Already_Exists' });
    expect(await eve.ask({ event: 'Message', room: 'a', data: 1 })).toMatchObject({ event: 'Not_Found' });
    await ann.next('Client_Added');
    expect(await ann.drain()).toEqual([]);

    await bob.ask(leave('a'));
    expect(await eve.ask(joinRoom('a'))).toMatchObject({ data: { clients: [ann.id, eve.id] } });
    expect(await bob.ask(joinRoom('a'))).toEqual(refusal);
    ann.terminate();
    await eve.next('Client_Removed');
    expect(await bob.ask(joinRoom('a'))).toMatchObject({ data: { clients: [eve.id, bob.id] } });
  });

  it.each([
    ['128', {}, 128, 256],
    ['36', { maxIdLength: 36, maxNameLength: 1 }, 36, 1],
  ])('have ids of at most %s characters', async (_, options, idLength, nameLength) => {
    await start(options);
    const ann = await ConnectorClient.connect(server.wsUrl);
    const longest = 'r'.repeat(idLength);
    const name = 'n'.repeat(nameLength);
    expect(await ann.ask(create(longest, name))).toMatchObject({ data: { room: longest, name } });
    const idRefusal = tooMany(idLength, 'characters of a room id');
    const nameRefusal = tooMany(nameLength, 'characters of a room name');
    expect(await ann.ask(create(`${longest}r`))).toEqual(idRefusal);
    expect(await ann.ask(create('r'.repeat(500_000)))).toEqual(idRefusal);
    expect(await ann.ask(create('a', `${name}n`))).toEqual(nameRefusal);
    expect(await ann.ask(create(undefined, 'n'.repeat(500_000)))).toEqual(nameRefusal);
    for (const request of [joinRoom, leave, end]) {
      expect(await ann.ask(request(`${longest}r`))).toMatchObject({ event: 'Not_Found' });
    }
    expect(await ann.ask({ event: 'Message', to: 'r'.repeat(500_000) })).toMatchObject({ event: 'Not_Found' });
    expect(await roomIds()).toEqual([longest]);
  });
});

describe('frames per second', () => {
  const RATE = { framesPerSecond: 1, frameBurst: 20 };
  const FLOODS: [what: string, send: (client: ConnectorClient) => void, answers: number][] = [
    ['messages', (client) => client.send({ event: 'Message', to: client.id }), 1],
    ['room requests', (client) => client.send(leave('nowhere')), 1],
    ['new rooms', (client) => client.send(create()), 1],
    ['malformed frames', (client) => client.send('{'), 1],
    ['binary frames', (client) => client.send(Buffer.alloc(10)), 1],
    ['pings', (client) => client.socket.ping(), 0],
    ['pongs', (client) => client.socket.pong(), 0],
  ];

  it.each(FLOODS)('%s: handles the burst, then sends one error and closes with 1008', async (_, send, answers) => {
    await start(RATE);
    const areWell = await bystanders();
    const client = await ConnectorClient.connect(server.wsUrl);
    const pongs: Buffer[] = [];
    client.socket.on('pong', (data) => pongs.push(data));
    for (let i = 0; i < 30; i++) send(client);
    expect(await client.closed).toEqual({ code: 1008, reason: 'rate exceeded' });
    const [details, ...frames] = client.frames;
    expect(details).toMatchObject({ event: 'Client_Details' });
    expect(frames.pop()).toEqual(errorOf('Limit_Exceeded', 'No more than 1 messages per second are allowed.'));
    expect(frames.filter(({ event }) => event === 'Limit_Exceeded')).toEqual([]);
    // Frames in flight when the rate is exceeded may be dropped with the rest.
    expect(frames.length).toBeLessThanOrEqual(20 * answers);
    expect(counters().rejectedFrames.get('RATE_EXCEEDED')).toBe(1);
    expect(counters().endedConnections.entries()).toEqual([['rate exceeded', 1]]);
    await until(() => connections().size === 2);
    await areWell();
  });

  it.each(FLOODS)(
    '%s: closes at once on a flood of 5,000 with the default bounds',
    async (_, send) => {
      await start();
      const areWell = await bystanders();
      const client = await ConnectorClient.connect(server.wsUrl);
      const since = performance.now();
      for (let i = 0; i < 5000; i++) send(client);
      expect(await client.closed).toEqual({ code: 1008, reason: 'rate exceeded' });
      await until(() => connections().size === 2, 8000);
      // The server does not wait for the client's close frame.
      expect(performance.now() - since).toBeLessThan(3000);
      const message = 'No more than 200 messages per second are allowed.';
      const tooMany = JSON.stringify({ message });
      expect(client.frames.filter(({ data }) => JSON.stringify(data) === tooMany)).toHaveLength(1);
      expect(counters().rejectedFrames.get('RATE_EXCEEDED')).toBe(1);
      await areWell();
    },
    10_000,
  );

  it('handles every message of the burst', async () => {
    await start(RATE);
    const [ann, bob] = await ConnectorClient.connectMany(2, server.wsUrl);
    for (let i = 0; i < 21; i++) ann.send({ event: 'Message', to: bob.id, data: i });
    await ann.closed;
    expect((await bob.drain()).map(({ data }) => data)).toEqual([...Array(20).keys()]);
  });

  it('allows up to 1,000 pings at once by default', async () => {
    await start();
    const client = await ConnectorClient.connect(server.wsUrl);
    let pongs = 0;
    client.socket.on('pong', () => pongs++);
    for (let i = 0; i < 990; i++) client.socket.ping();
    expect(await client.drain()).toEqual([]);
    expect(pongs).toBe(990);
  });

  it('keeps a client that stays within them', async () => {
    await start({ framesPerSecond: 100, frameBurst: 10 });
    const [ann, bob] = await ConnectorClient.connectMany(2, server.wsUrl);
    for (let i = 0; i < 60; i++) {
      ann.send({ event: 'Message', to: bob.id, data: i });
      if (i >= 9) await sleep(15);
    }
    await bob.next(({ data }) => data === 59);
    expect(bob.frames).toHaveLength(61);
    expect(await ann.drain()).toEqual([]);
  });
});

describe('a client that reads', () => {
  /** Connects a client over this socket. `cork` and `uncork` let its frames leave in one piece. */
  async function connectOn(socket: Socket): Promise<ConnectorClient> {
    sockets.add(socket);
    return ConnectorClient.connect(server.wsUrl, { createConnection: () => socket });
  }

  it('receives all answers to a burst, even more than maxBufferedBytes', async () => {
    const COUNT = 1500;
    await start({ maxBufferedBytes: 64 * KIB, frameBurst: 10_000 });
    const socket = connect(server.port, '127.0.0.1');
    const ann = await connectOn(socket);
    socket.cork();
    for (let i = 0; i < COUNT; i++) ann.send('{');
    socket.uncork();
    const answers = await ann.drain();
    expect(answers.filter(({ event }) => event === 'Invalid_Message')).toHaveLength(COUNT);
    // The answers must exceed the bound for the test to prove anything.
    expect(ann.texts.join('').length).toBeGreaterThan(3 * 64 * KIB);
    expect(counters().endedConnections.get('too slow')).toBe(0);
  });

  it('receives a burst from others to itself or to its room', async () => {
    const COUNT = 60;
    await start({ maxBufferedBytes: 4 * KIB });
    const socket = connect(server.port, '127.0.0.1');
    const ann = await connectOn(socket);
    const others = await ConnectorClient.connectMany(10, server.wsUrl);
    await ann.ask(create('room'));
    for (const other of others) {
      other.send(joinRoom('room'));
      await other.next('Client_Added');
    }
    await ann.drain();
    for (const other of others) await other.drain();
    const numbers = [...Array(COUNT).keys()];
    for (const target of [{ room: 'room' }, { to: others[0].id }]) {
      socket.cork();
      for (const count of numbers) {
        ann.send({ event: 'Message', ...target, data: { count, filling: 'x'.repeat(800) } });
      }
      socket.uncork();
      await ann.drain();
      for (const other of 'room' in target ? others : [others[0]]) {
        const received = (await other.drain()).map(({ data }) => (data as { count: number }).count);
        expect(received).toEqual(numbers);
      }
    }
    expect(counters().endedConnections.get('too slow')).toBe(0);
  });
});

describe('a client that does not read', () => {
  const PAYLOAD = 'p'.repeat(64 * KIB);

  /** Resolves when the kernel has accepted the frame, so that the sender's own buffer does not grow. */
  const sent = (client: ConnectorClient, frame: object) =>
    new Promise<void>((resolve, reject) => {
      client.socket.send(JSON.stringify(frame), (error) => {
        if (error) reject(error);
        else resolve();
      });
    });

  it('receives what was written to it and 1013 if it reads again', async () => {
    await start({ maxSharePerSender: 100 });
    const [slow, ann] = await ConnectorClient.connectMany(2, server.wsUrl);
    slow.socket.pause();
    let count = 0;
    while (counters().endedConnections.get('too slow') === 0 && count < 900) {
      await sent(ann, { event: 'Message', to: slow.id, data: { count: ++count, PAYLOAD } });
    }
    expect(count).toBeLessThan(900);
    slow.socket.resume();
    expect(await slow.closed).toEqual({ code: 1013, reason: 'too slow' });
    const numbers = slow.frames.slice(1).map(({ data }) => (data as { count: number }).count);
    expect(numbers.length).toBeGreaterThan(15);
    expect(numbers).toEqual([...Array(numbers.length).keys()].map((i) => i + 1));
  });

  it('is disconnected for unread answers to its own messages', async () => {
    await start({ maxBufferedBytes: KIB, framesPerSecond: 1_000_000, frameBurst: 1_000_000 });
    const slow = await ConnectorClient.connect(server.wsUrl);
    slow.socket.pause();
    const missing = 'x'.repeat(64 * KIB);
    let count = 0;
    while (counters().endedConnections.get('too slow') === 0 && count < 1000) {
      await sent(slow, { event: 'Message', to: missing });
      count++;
    }
    expect(count).toBeLessThan(1000);
  });

  it('is disconnected without affecting other clients', async () => {
    const PAIRS = 500;
    const MESSAGES = 10;
    const PAUSE_MS = 400;
    const SLOW = 8;
    const ROOM_MESSAGES = 512;
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const bufferedBytes = () => {
      collectGarbage();
      return process.memoryUsage().arrayBuffers;
    };
    // The default share would disconnect the sender for what it writes to others.
    await start({ maxSharePerSender: 100, framesPerSecond: 1_000_000, frameBurst: 1_000_000 });
    const clients: ConnectorClient[] = [];
    while (clients.length < 2 * PAIRS) {
      clients.push(...(await Promise.all(Array.from({ length: 100 }, () => ConnectorClient.connect(server.wsUrl)))));
    }
    const [sender, watcher, ...slow] = await ConnectorClient.connectMany(2 + SLOW, server.wsUrl);
    await sender.ask(create('room'));
    for (const client of [watcher, ...slow]) {
      client.send(joinRoom('room'));
      await client.next(({ event, data }) => event === 'Client_Added' && within(data, client.id));
    }
    await watcher.drain();
    for (const { socket } of slow) socket.pause();

    let droppedAt = 0;
    const removedAt: number[] = [];
    let roomMessages = 0;
    watcher.socket.on('message', (frame: Buffer) => {
      if (frame.includes('"event":"Client_Removed"')) removedAt.push(performance.now());
      else roomMessages++;
    });
    const flood = async () => {
      const before = bufferedBytes();
      let most = 0;
      for (let i = 0; i < ROOM_MESSAGES; i++) {
        // Send no faster than the watcher reads: the watcher must not be disconnected.
        while (roomMessages < i - 4) await once(watcher.socket, 'message');
        await sent(sender, { event: 'Message', room: 'room', data: PAYLOAD });
        if (droppedAt === 0 && counters().endedConnections.get('too slow') > 0) droppedAt = performance.now();
        if (i % 32 === 0) most = Math.max(most, bufferedBytes() - before);
      }
      return most;
    };
    const talk = async () => {
      for (let i = 0; i < MESSAGES; i++) {
        clients.forEach((client, c) => client.send({ event: 'Message', to: clients[c ^ 1].id, data: i }));
        await sleep(PAUSE_MS);
      }
    };
    const [most] = await Promise.all([flood(), talk()]);

    await Promise.all(clients.map((client) => client.drain()));
    const expected = [...Array(MESSAGES).keys()];
    clients.forEach((client, c) => {
      const received = client.frames.slice(1).map(({ from, data }) => ({ from, data }));
      expect(received).toEqual(expected.map((data) => ({ from: clients[c ^ 1].id, data })));
    });
    // Without a bound it would be about 30 MiB for each of the slow clients.
    expect(most).toBeLessThan(SLOW * (MIB + PAYLOAD.length) + 40 * MIB);
    expect(counters().endedConnections.entries()).toEqual([['too slow', SLOW]]);
    await until(() => roomMessages === ROOM_MESSAGES && removedAt.length === SLOW);
    expect(removedAt[0] - droppedAt).toBeLessThan(500);
    const last = watcher.frames.filter(({ event }) => event === 'Client_Removed').at(-1);
    expect(last).toMatchObject({ data: { clients: [sender.id, watcher.id] } });
    // Their sockets close even though they do not answer the close frame.
    await until(() => connections().size === 2 * PAIRS + 2, 8000);
  });
});

function within(data: unknown, id: string): boolean {
  return (data as { clients: string[] }).clients.includes(id);
}
