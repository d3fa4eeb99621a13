import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { ClientsService } from '../../../src/clients/clients.service.js';
import { Counters } from '../../../src/counters/counters.js';
import { RoomsService } from '../../../src/rooms/rooms.service.js';
import { Connections } from '../../../src/transport/lifecycle/connections.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { until } from '../../support/peerjs-socket.js';
import { ProcessServer } from '../../support/process-server.js';
import { UPGRADE as WEBSOCKET } from '../../support/raw-http.js';
import { startServer, type TestServer } from '../../support/server.js';

const UPGRADE_TIMEOUT_MS = 1000;
/** Less than the timeout of a Jest test. */
const PATIENCE_MS = 10_000;

const UPGRADE = { Host: 'localhost', ...WEBSOCKET };

const TEXT = 0x81;
const CLOSE = 0x88;

let server: TestServer;
let ann: ConnectorClient;
let bob: ConnectorClient;
const sockets = new Set<Socket>();

beforeAll(async () => {
  server = await startServer({ upgradeTimeoutMs: UPGRADE_TIMEOUT_MS, frameBurst: 100_000 });
});

afterAll(async () => {
  await ConnectorClient.closeAll();
  await server.close();
});

beforeEach(async () => {
  [ann, bob] = await ConnectorClient.connectMany(2, server.wsUrl);
});

// After each test, the two bystanders still work and no other state is left.
afterEach(async () => {
  try {
    for (const [from, to] of [
      [ann, bob],
      [bob, ann],
    ]) {
      from.send({ event: 'Message', to: to.id, data: 'still there' });
      expect(await to.next()).toEqual({ event: 'Message', from: from.id, data: 'still there' });
      expect(await to.drain()).toEqual([]);
    }
    await isLeftWith([ann, bob]);
  } finally {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await ConnectorClient.closeAll();
  }
});

/** Waits until the server has exactly these clients with their connections, and no rooms or other sockets. */
async function isLeftWith(clients: readonly ConnectorClient[]): Promise<void> {
  const { app } = server;
  const http: Server = app.getHttpServer();
  const state = async () => ({
    countHere: app.get(ClientsService, { strict: false }).countHere,
    clients: (await app.get(ClientsService, { strict: false }).list({ limit: 10 })).items.map(({ id }) => id),
    rooms: (await app.get(RoomsService, { strict: false }).list({ limit: 10 })).items.length,
    connections: app.get(Connections, { strict: false }).size,
    sockets: await promisify(http.getConnections.bind(http))(),
  });
  const ids = clients.map(({ id }) => id);
  const wanted = { countHere: ids.length, clients: ids, rooms: 0, connections: ids.length, sockets: ids.length };
  await becomes(state, wanted);
}

/** Waits until a state equals the wanted one. Fails the test with the difference on a timeout. */
async function becomes(state: () => object | Promise<object>, wanted: object): Promise<void> {
  await until(async () => JSON.stringify(await state()) === JSON.stringify(wanted)).catch(() => undefined);
  expect(await state()).toEqual(wanted);
}

async function dial(allowHalfOpen = false, { port }: { readonly port: number } = server): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen });
  sockets.add(socket);
  // Some tests provoke a reset by the server.
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Opens a raw WebSocket and waits for its first frame. `received` returns all bytes so far. */
async function open(): Promise<{ socket: Socket; received: () => Buffer }> {
  const socket = await dial();
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(HANDSHAKE);
  await until(() => Buffer.concat(chunks).includes('Client_Details'));
  return { socket, received: () => Buffer.concat(chunks) };
}

/** Sends bytes. Resolves with the whole answer when the server has closed the connection. */
async function answerTo(bytes: string | Buffer): Promise<Buffer> {
  const socket = await dial();
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(bytes);
  await once(socket, 'close', { signal: AbortSignal.timeout(PATIENCE_MS) });
  return Buffer.concat(chunks);
}

function requestOf(line: string, headers: Record<string, string | undefined>, body = ''): string {
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : `${name}: ${value}`));
  return [line, ...lines, '', body].join('\r\n');
}

/** Builds a client frame with an all-zero mask. */
function frameOf(head: number, payload: string | Buffer = '', announced?: bigint): Buffer {
  const bytes = Buffer.from(payload);
  const length = announced ?? BigInt(bytes.length);
  const header = Buffer.alloc(length < 126 ? 2 : 10);
  header[0] = head;
  header[1] = 0x80 | (length < 126 ? Number(length) : 127);
  if (length >= 126) header.writeBigUInt64BE(length, 2);
  return Buffer.concat([header, Buffer.alloc(4), bytes]);
}

const HANDSHAKE = requestOf('GET / HTTP/1.1', UPGRADE);
const CREATE = frameOf(TEXT, '{"event":"Create_Room","data":{}}');

describe('clients that vanish', () => {
  const COUNT = 2000;
  const AT_ONCE = 200;
  const ROOM_SIZE = 20;

  function resources(): { timers: number; sockets: number } {
    const counts: Record<string, number> = {};
    for (const type of process.getActiveResourcesInfo()) counts[type] = (counts[type] ?? 0) + 1;
    return { timers: counts.Timeout ?? 0, sockets: counts.TCPSocketWrap ?? 0 };
  }

  async function enterRoom(client: ConnectorClient, i: number): Promise<void> {
    const data = { room: `room ${Math.floor(i / ROOM_SIZE)}` };
    const event = i % ROOM_SIZE === 0 ? 'Create_Room' : 'Join_Room';
    const answer = i % ROOM_SIZE === 0 ? 'Room_Created' : 'Client_Added';
    expect(await client.ask({ event, data })).toMatchObject({ event: answer, data });
    client.send({ event: 'Create_Room', data: { room: `of ${client.id}` } });
    await client.next('Room_Created');
  }

  it('leave no state behind: 2,000 of them in rooms', async () => {
    const before = resources();
    const clients: ConnectorClient[] = [];
    while (clients.length < COUNT) {
      const some = await Promise.all(Array.from({ length: AT_ONCE }, () => ConnectorClient.connect(server.wsUrl)));
      for (const [i, client] of some.entries()) await enterRoom(client, clients.length + i);
      clients.push(...some);
    }
    const { countHere } = server.app.get(ClientsService, { strict: false });
    const rooms = await server.app.get(RoomsService, { strict: false }).list({ limit: 10_000 });
    expect([countHere, rooms.items.length]).toEqual([COUNT + 2, COUNT + COUNT / ROOM_SIZE]);
    const lost = server.app.get(Counters, { strict: false }).endedConnections;
    const lostBefore = lost.get('connection lost');

    for (const client of clients) client.terminate();
    await isLeftWith([ann, bob]);
    expect(lost.get('connection lost') - lostBefore).toBe(COUNT);
    // A few timers may belong to Jest.
    await until(() => resources().sockets <= before.sockets && resources().timers < before.timers + 10);
  });

  it('leave no state behind: 1,000 of them with requests in flight', async () => {
    const requests = [CREATE, frameOf(TEXT, `{"event":"Message","to":"${ann.id}"}`), CREATE];
    const bytes = Buffer.concat([Buffer.from(HANDSHAKE), ...requests]);
    for (let i = 0; i < 10; i++) {
      const some = await Promise.all(Array.from({ length: 100 }, () => dial()));
      for (const socket of some) socket.write(bytes);
      await Promise.all(some.map((socket) => once(socket, 'data')));
      for (const [j, socket] of some.entries()) {
        if (j % 2 === 0) socket.resetAndDestroy();
        else socket.destroy();
      }
    }
    await isLeftWith([ann, bob]);
    expect((await ann.drain()).every(({ event }) => event === 'Message')).toBe(true);
  });
});

describe('a socket that breaks', () => {
  const BYTES = Buffer.concat([Buffer.from(HANDSHAKE), CREATE, frameOf(CLOSE, Buffer.of(0x03, 0xe8))]);

  it.each([
    ['is reset', (socket: Socket) => socket.resetAndDestroy()],
    ['is closed', (socket: Socket) => socket.destroy()],
    ['is closed in one direction', (socket: Socket) => socket.end()],
  ])(
    'is harmless when it %s, after any byte of handshake and frames',
    async (_, breakIt) => {
      const cuts = [...Array(BYTES.length + 1).keys()];
      for (let i = 0; i < cuts.length; i += 50) {
        await Promise.all(
          cuts.slice(i, i + 50).map(async (cut) => {
            const socket = await dial();
            socket.resume();
            await new Promise<void>((resolve) => socket.write(BYTES.subarray(0, cut), () => resolve()));
            breakIt(socket);
            await once(socket, 'close');
          }),
        );
      }
      await isLeftWith([ann, bob]);
    },
    10_000,
  );

  it('is harmless when the server is about to write to it', async () => {
    const data = 'x'.repeat(10_000);
    for (let i = 0; i < 20; i++) {
      const { socket, received } = await open();
      const id = /"id":"(\w+)"/.exec(received().toString())?.[1];
      for (let j = 0; j < 50; j++) {
        ann.send({ event: 'Message', to: id, data });
        if (j === 25) socket.resetAndDestroy();
      }
    }
    const answers = await ann.drain();
    expect(answers.every(({ event }) => event === 'Not_Found')).toBe(true);
  });
});

describe('invalid HTTP', () => {
  const CHUNKED = { Host: 'localhost', 'Transfer-Encoding': 'chunked' };
  const GARBAGE: [string, string | Buffer][] = [
    ['zeros', Buffer.alloc(1000)],
    ['random bytes', randomBytes(10_000)],
    ['a million random bytes', randomBytes(1_000_000)],
    ['a frame without a handshake', CREATE],
    ['a ClientHello of TLS', Buffer.from('16030100a5010000a10303', 'hex')],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['SMTP', 'EHLO localhost\r\n'],
    ['SSH', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['Redis', '*1\r\n$4\r\nPING\r\n'],
    ['empty lines', '\r\n\r\n\r\n\r\n'],
    ['a method alone', 'GET\r\n\r\n'],
    ['an unknown method', 'FOO / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['an unknown version', 'GET / HTTP/9.9\r\nHost: localhost\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['an invalid target', 'GET \u0000 HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['a header without a colon', requestOf('GET / HTTP/1.1', { Host: 'localhost\r\nfoo' })],
    ['a header with a zero', requestOf('GET / HTTP/1.1', { Host: 'localhost', Foo: 'a\u0000b' })],
    ['a header that is too long', requestOf('GET / HTTP/1.1', { Host: 'localhost', Foo: 'x'.repeat(20_000) })],
    ['a path that is too long', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
    ['too many headers', `GET / HTTP/1.1\r\nHost: localhost\r\n${'a: b\r\n'.repeat(20_000)}\r\n`],
    ['a negative length', requestOf('POST / HTTP/1.1', { Host: 'localhost', 'Content-Length': '-1' })],
    ['two lengths', requestOf('POST / HTTP/1.1', { Host: 'localhost\r\nContent-Length: 1', 'Content-Length': '2' })],
    ['a length and chunks', requestOf('POST / HTTP/1.1', { ...CHUNKED, 'Content-Length': '3' }, '0\r\n\r\n')],
    ['a chunk without a length', requestOf('POST / HTTP/1.1', CHUNKED, 'zz\r\n')],
    ['a tunnel', 'CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ];

  it.each(GARBAGE)('is rejected or disconnected: %s', async (_, bytes) => {
    expect((await answerTo(bytes)).toString('latin1')).toMatch(/^$|^HTTP\/1\.1 4\d\d /);
  });
});

describe('an invalid upgrade request', () => {
  const WRONG: [what: string, status: number, line: string, headers: Record<string, string | undefined>][] = [
    ['no key', 400, 'GET /', { 'Sec-WebSocket-Key': undefined }],
    ['an empty key', 400, 'GET /', { 'Sec-WebSocket-Key': '' }],
    ['a short key', 400, 'GET /', { 'Sec-WebSocket-Key': 'AAAA' }],
    ['a key that is not base64', 400, 'GET /', { 'Sec-WebSocket-Key': '!'.repeat(24) }],
    ['no version', 400, 'GET /', { 'Sec-WebSocket-Version': undefined }],
    ['an old version', 400, 'GET /', { 'Sec-WebSocket-Version': '7' }],
    ['a future version', 400, 'GET /', { 'Sec-WebSocket-Version': '14' }],
    ['a version that is not a number', 400, 'GET /', { 'Sec-WebSocket-Version': 'x' }],
    ['a bad subprotocol', 400, 'GET /', { 'Sec-WebSocket-Protocol': 'a,,b' }],
    ['POST', 405, 'POST /', {}],
    ['POST with a body', 405, 'POST /', { 'Content-Length': '1000' }],
    ['PUT', 405, 'PUT /', {}],
    ['DELETE', 405, 'DELETE /', {}],
    ['OPTIONS', 405, 'OPTIONS /', {}],
    ['an unknown path', 404, 'GET /nowhere', {}],
    ['a path with an invalid encoding', 404, 'GET /%zz', {}],
    ['an asterisk', 404, 'GET *', {}],
    ['a path that is too long', 431, `GET /${'x'.repeat(20_000)}`, {}],
  ];

  it.each(WRONG)('is rejected: %s', async (_, status, line, headers) => {
    const answer = await answerTo(requestOf(`${line} HTTP/1.1`, { ...UPGRADE, ...headers }));
    expect(answer.toString().split('\r\n')[0]).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it('gets the supported versions in the answer', async () => {
    const answer = await answerTo(requestOf('GET / HTTP/1.1', { ...UPGRADE, 'Sec-WebSocket-Version': '7' }));
    expect(answer.toString()).toMatch(/\r\nsec-websocket-version: 13\b/i);
  });

  it.each(['h2c', 'foo', 'websockets', ''])(
    'is treated as an ordinary request if it is for another protocol: %j',
    async (Upgrade) => {
      const headers = { ...UPGRADE, Upgrade };
      for (const [path, status] of [
        ['/', 200],
        ['/nowhere', 404],
      ] as const) {
        const socket = await dial();
        socket.write(requestOf(`GET ${path} HTTP/1.1`, headers));
        const [answer] = (await once(socket, 'data')) as [Buffer];
        expect(answer.toString()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
        socket.destroy();
      }
    },
  );

  it.each([
    ['without a key', requestOf('GET / HTTP/1.1', { ...UPGRADE, 'Sec-WebSocket-Key': undefined })],
    ['for an unknown path', requestOf('GET /nowhere HTTP/1.1', UPGRADE)],
    ['for another protocol', requestOf('GET / HTTP/1.1', { ...UPGRADE, Upgrade: 'h2c' })],
    [
      'for another protocol, with a body',
      requestOf('POST / HTTP/1.1', { ...UPGRADE, Upgrade: 'h2c', 'Content-Length': '9' }),
    ],
    ['with a pending body', requestOf('POST / HTTP/1.1', { ...UPGRADE, 'Content-Length': '1000' })],
  ])(
    'keeps no socket open if the client does not close: %s',
    async (_, bytes) => {
      const some = await Promise.all(Array.from({ length: 10 }, () => dial(true)));
      for (const socket of some) socket.write(bytes);
      await isLeftWith([ann, bob]);
    },
    10_000,
  );
});

describe('an upgrade request behind a pending request', () => {
  const PLAIN = { Host: 'localhost' };

  it.each([
    ['for another protocol', '/', requestOf('GET / HTTP/1.1', { ...UPGRADE, Upgrade: 'h2c' })],
    ['for a WebSocket', '/peerjs/id', HANDSHAKE],
    ['for a WebSocket, with a frame', '/peerjs/id', Buffer.concat([Buffer.from(HANDSHAKE), CREATE])],
    ['for a WebSocket of PeerJS', '/', requestOf('GET /peerjs?key=peerjs&id=a&token=t HTTP/1.1', UPGRADE)],
    ['for an unknown path', '/peerjs/id', requestOf('GET /nowhere HTTP/1.1', UPGRADE)],
  ])('is not answered first: %s', async (_, path, upgrade) => {
    const request = requestOf(`GET ${path} HTTP/1.1`, PLAIN);
    for (const before of [request, request + request]) {
      const answer = await answerTo(Buffer.concat([Buffer.from(before), Buffer.from(upgrade)]));
      expect(answer.toString('latin1')).toMatch(/^$|^HTTP\/1\.1 200 /);
      expect(answer.toString('latin1')).not.toMatch(/ 101 |Client_Details|OPEN/);
    }
    expect((await fetch(`${server.url}${path}`, { headers: { connection: 'close' } })).status).toBe(200);
  });

  it('does not crash the process', async () => {
    const own = await ProcessServer.start();
    try {
      for (const path of ['/', '/peerjs/id']) {
        for (const Upgrade of ['h2c', 'websocket']) {
          const upgrades = [path, '/nowhere'].map((to) => requestOf(`GET ${to} HTTP/1.1`, { ...UPGRADE, Upgrade }));
          for (const upgrade of upgrades) {
            const socket = await dial(false, own);
            socket.resume();
            socket.write(requestOf(`GET ${path} HTTP/1.1`, PLAIN) + upgrade);
            await once(socket, 'close', { signal: AbortSignal.timeout(PATIENCE_MS) });
          }
        }
      }
      expect(await (await ConnectorClient.connect(own.wsUrl)).drain()).toEqual([]);
      expect(own.lines.filter(({ level }) => level >= 50)).toEqual([]);
      expect(own.errors).toBe('');
    } finally {
      await ProcessServer.killAll();
    }
  });
});

describe('an invalid frame', () => {
  const MIB = 1_048_576n;
  const BAD: [what: string, code: number, bytes: Buffer][] = [
    ['a frame without a mask', 1002, Buffer.from('\u0081\u0002{}', 'latin1')],
    ['a reserved kind', 1002, frameOf(0x83, '{}')],
    ['a reserved control frame', 1002, frameOf(0x8b)],
    ['the first reserved bit', 1002, frameOf(0xc1, '{}')],
    ['the second reserved bit', 1002, frameOf(0xa1, '{}')],
    ['a continuation of nothing', 1002, frameOf(0x80, '{}')],
    ['a message within a message', 1002, Buffer.concat([frameOf(0x01, '{'), frameOf(TEXT, '}')])],
    ['a ping in fragments', 1002, frameOf(0x09, 'x')],
    ['a long ping', 1002, frameOf(0x89, 'x'.repeat(126))],
    ['a short close frame', 1002, frameOf(CLOSE, 'x')],
    ['a close code that is never sent', 1002, frameOf(CLOSE, Buffer.of(0x03, 0xed))],
    ['a close code that there is not', 1002, frameOf(CLOSE, Buffer.of(0x00, 0x01))],
    ['a reason that is not UTF-8', 1007, frameOf(CLOSE, Buffer.of(0x03, 0xe8, 0xff))],
    ['a frame that is going to be too long', 1009, frameOf(TEXT, '', MIB + 1n)],
    ['a frame that is going to be longer than memory', 1009, frameOf(TEXT, '', 1n << 62n)],
    ['a frame of negative length', 1009, frameOf(TEXT, '', (1n << 64n) - 1n)],
  ];

  it.each(BAD)('closes the connection: %s', async (_, code, bytes) => {
    const first = await answerTo(Buffer.concat([Buffer.from(HANDSHAKE), bytes]));
    expect(closeCodeIn(first)).toBe(code);

    const { socket, received } = await open();
    socket.write(bytes);
    await once(socket, 'close');
    expect(closeCodeIn(received())).toBe(code);
  });

  it('closes the connection: random bytes', async () => {
    for (let i = 0; i < 100; i++) {
      // The first byte is invalid in any frame, so the server does not wait for more bytes.
      const bytes = Buffer.concat([Buffer.from(HANDSHAKE), Buffer.of(0xff), randomBytes(1000)]);
      expect(closeCodeIn(await answerTo(bytes))).toBe(1002);
    }
  });

  /** Returns the code of the close frame at the end of an answer. */
  function closeCodeIn(answer: Buffer): number | undefined {
    let at = answer.indexOf('\r\n\r\n') + 4;
    while (at < answer.length) {
      const length = answer[at + 1] === 126 ? answer.readUInt16BE(at + 2) : answer[at + 1];
      const start = at + (answer[at + 1] === 126 ? 4 : 2);
      if (answer[at] === CLOSE) return answer.readUInt16BE(start);
      at = start + length;
    }
    return undefined;
  }
});
