import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get as httpsGet } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { jest } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import { ClientDirectory } from '../../src/clients/client-directory.js';
import { ClientsService } from '../../src/clients/clients.service.js';
import type { Config } from '../../src/config/config.js';
import { Log } from '../../src/logging/log.js';
import { Counters } from '../../src/metrics/counters.js';
import type { Connection } from '../../src/transport/connection.js';
import { Connections } from '../../src/transport/connections.js';
import { PeerJsSocket, until, upgradeStatus, type PeerJsSocketOptions } from '../support/peerjs-socket.js';
import { startServer, type TestServer } from '../support/server.js';

const error = (msg: string): string => `{"type":"ERROR","payload":{"msg":"${msg}"}}`;
const MISSING = error('No id, token, or key supplied to websocket server');
const WRONG_KEY = error('Invalid key provided');
const FULL = error('Server has reached its concurrent user limit');
const ID_TAKEN = '{"type":"ID-TAKEN","payload":{"msg":"ID is taken"}}';
const OPEN = '{"type":"OPEN"}';

const servers: TestServer[] = [];
const sockets: Socket[] = [];

async function start(options: Partial<Config> = {}): Promise<TestServer> {
  const server = await startServer(options);
  servers.push(server);
  return server;
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** The text of the first frame, and whether anything else came before the end. */
async function refusal(server: TestServer, options: PeerJsSocketOptions): Promise<string> {
  const socket = await PeerJsSocket.connect(server.wsUrl, options);
  const text = socket.textOf(await socket.next());
  await socket.closed;
  expect(socket.messages).toHaveLength(1);
  return text;
}

/** How long it takes until somebody else can have an id. */
async function untilFree(server: TestServer, id: string): Promise<number> {
  const since = performance.now();
  await until(async () => {
    const socket = await PeerJsSocket.connect(server.wsUrl, { id, token: 'somebody else' });
    return (await socket.next()).type === 'OPEN';
  });
  return performance.now() - since;
}

/** A client's frame; its mask is zero, so that the text is readable. */
function clientFrame(payload: string | Buffer, opcode = 1): Buffer {
  const bytes = Buffer.from(payload);
  const length = bytes.length < 126 ? [0x80 | bytes.length] : [0xfe, bytes.length >> 8, bytes.length & 0xff];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length, 0, 0, 0, 0]), bytes]);
}

/** A close frame with the code 1000. */
const CLOSE = clientFrame(Buffer.from([3, 0xe8]), 8);

/** A TCP connection that has sent an upgrade request with whatever follows it. */
function sendHandshake(server: TestServer, id: string, ...frames: Buffer[]): Socket {
  return sendRequest(server, `key=peerjs&id=${id}&token=t`, ...frames);
}

/** As above, with any query. */
function sendRequest(server: TestServer, query: string, ...frames: Buffer[]): Socket {
  const socket = connectTcp({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(socket);
  const request =
    `GET /peerjs?${query} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
  socket.write(Buffer.concat([Buffer.from(request), ...frames]));
  return socket;
}

async function untilReceived(socket: Socket, text: string): Promise<string> {
  let received = '';
  socket.on('data', (chunk) => (received += chunk.toString('latin1')));
  await until(() => received.includes(text));
  return received;
}

describe('connecting as PeerJS does', () => {
  it('is answered with OPEN, as text without compression', async () => {
    const server = await start();
    const alice = await PeerJsSocket.connect(server.wsUrl, { id: 'alice', perMessageDeflate: true });
    expect(alice.textOf(await alice.next())).toBe(OPEN);
    expect(alice.ws.extensions).toBe('');
    expect(await alice.rest()).toEqual([]);
  });

  it.each(['key=peerjs&id=a&token=t', 'token=t&id=a&key=peerjs&version=1.5.5', 'x=y&key=peerjs&id=a&token=t'])(
    'needs id, token and key, whatever else there is: %s',
    async (query) => {
      const server = await start();
      await PeerJsSocket.open(server.wsUrl, { query });
    },
  );

  describe('checks, in this order', () => {
    let server: TestServer;
    let alice: PeerJsSocket;

    // Everything after the first two is asked of a full server with alice on it.
    beforeEach(async () => {
      server = await start({ concurrentLimit: 1 });
      alice = await PeerJsSocket.open(server.wsUrl, { id: 'alice', token: 'hers' });
    });

    afterEach(async () => {
      expect(await alice.rest()).toEqual([]);
    });

    it.each([
      '',
      'key=peerjs',
      'key=peerjs&id=bob',
      'key=peerjs&token=t',
      'id=bob&token=t',
      'key=&id=bob&token=t',
      'key=peerjs&id=&token=t',
      'key=peerjs&id=bob&token=',
      'key=wrong&id=alice&token=',
      'KEY=peerjs&ID=bob&TOKEN=t',
    ])('1. id, token and key are there: ?%s', async (query) => {
      expect(await refusal(server, { query })).toBe(MISSING);
    });

    it.each(['wrong', 'PEERJS', 'peerjs ', '__proto__', 'toString'])('2. the key is served: %s', async (key) => {
      expect(await refusal(server, { key, id: 'alice', token: 'other' })).toBe(WRONG_KEY);
      expect(await refusal(server, { key, id: 'bob' })).toBe(WRONG_KEY);
    });

    it('3. the id is not connected with another token', async () => {
      expect(await refusal(server, { id: 'alice', token: 'other' })).toBe(ID_TAKEN);
      expect(await refusal(server, { id: 'alice', token: 'Hers' })).toBe(ID_TAKEN);
    });

    it('4. the id is connected with the same token: nothing is asked any more', async () => {
      const former = alice;
      alice = await PeerJsSocket.connect(server.wsUrl, { id: 'alice', token: 'hers' });
      expect(alice.textOf(await alice.next())).toBe(OPEN);
      await former.closed;
    });

    it('5. there are not more ids than the limit', async () => {
      expect(await refusal(server, { id: 'bob' })).toBe(FULL);
    });

    it('refuses ids that are too long, and takes those that are just not', async () => {
      const other = await start({ maxIdLength: 40 });
      await PeerJsSocket.open(other.wsUrl, 'x'.repeat(40));
      expect(await refusal(other, { id: 'x'.repeat(41) })).toMatch(/^\{"type":"ERROR","payload":\{"msg":"[^"]+"\}\}$/);
    });
  });

  describe('the limit', () => {
    it('counts ids that are connected, and nothing that has ended', async () => {
      const server = await start({ concurrentLimit: 2 });
      for (let i = 0; i < 5; i++) {
        const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
        const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
        expect(await refusal(server, { id: 'charly' })).toBe(FULL);
        expect(await refusal(server, { id: 'bob', token: 'other' })).toBe(ID_TAKEN);
        expect(await refusal(server, { query: 'id=x' })).toBe(MISSING);
        bob.ws.terminate();
        await untilFree(server, 'charly');
        alice.ws.terminate();
        await untilFree(server, 'doris');
        for (const connection of server.app.get(Connections, { strict: false })) connection.end('removed');
        await until(() => server.app.get(Connections, { strict: false }).size === 0);
      }
    });

    it('of none is none', async () => {
      expect(await refusal(await start({ concurrentLimit: 0 }), { id: 'alice' })).toBe(FULL);
    });

    it('holds when all come at once', async () => {
      const server = await start({ concurrentLimit: 5 });
      const ids = Array.from({ length: 20 }, (_, i) => `peer ${i}`);
      const all = await Promise.all(ids.map((id) => PeerJsSocket.connect(server.wsUrl, { id })));
      const first = await Promise.all(all.map(async (socket) => socket.textOf(await socket.next())));
      expect(first.filter((text) => text === OPEN)).toHaveLength(5);
      expect(first.filter((text) => text === FULL)).toHaveLength(15);
    });
  });

  describe('taking over', () => {
    it('ends the old socket, whose frames and whose end mean nothing any more', async () => {
      const server = await start();
      const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
      const old = await PeerJsSocket.open(server.wsUrl, 'alice');
      old.ws.pause();
      const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
      // It has not noticed yet. What it sends comes before its answer to the close frame, so it has been read by then.
      old.send({ type: 'OFFER', dst: 'bob', payload: 'from the old one' });
      old.send({ type: 'LEAVE' });
      old.ws.resume();
      expect((await old.closed).code).toBe(1000);
      expect(await bob.rest()).toEqual([]);
      expect(await refusal(server, { id: 'alice', token: 'other' })).toBe(ID_TAKEN);

      bob.send({ type: 'OFFER', dst: 'alice', payload: 1 });
      expect(await alice.next('OFFER')).toEqual({ type: 'OFFER', src: 'bob', dst: 'alice', payload: 1 });
      alice.send({ type: 'ANSWER', dst: 'bob', payload: 2 });
      expect(await bob.next('ANSWER')).toEqual({ type: 'ANSWER', src: 'alice', dst: 'bob', payload: 2 });
      expect(old.messages).toEqual([{ type: 'OPEN' }]);
    });

    it('works when the old socket is cut at the same moment', async () => {
      const server = await start();
      for (let i = 0; i < 10; i++) {
        const old = await PeerJsSocket.open(server.wsUrl, 'alice');
        const connecting = PeerJsSocket.open(server.wsUrl, 'alice');
        old.ws.terminate();
        const alice = await connecting;
        await old.closed;
        expect(await alice.rest()).toEqual([]);
        expect(await refusal(server, { id: 'alice', token: 'other' })).toBe(ID_TAKEN);
      }
    });

    it('works twenty times in a row, at the limit', async () => {
      const server = await start({ concurrentLimit: 2, allowDiscovery: true });
      const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
      const all: PeerJsSocket[] = [];
      for (let i = 0; i < 20; i++) all.push(await PeerJsSocket.open(server.wsUrl, 'alice'));
      const [alice, ...old] = all.reverse();
      await Promise.all(old.map(({ closed }) => closed));
      bob.send({ type: 'CANDIDATE', dst: 'alice', payload: 0 });
      expect(await alice.rest()).toEqual([{ type: 'CANDIDATE', src: 'bob', dst: 'alice', payload: 0 }]);
      for (const socket of old) expect(socket.messages).toEqual([{ type: 'OPEN' }]);
      expect(await (await fetch(`${server.url}/peerjs/peers`)).json()).toEqual(['bob', 'alice']);
      expect(await refusal(server, { id: 'charly' })).toBe(FULL);
      await alice.close();
      expect(await untilFree(server, 'charly')).toBeLessThan(1000);
      expect(await refusal(server, { id: 'doris' })).toBe(FULL);
    });

    it('leaves one of those who come at the same moment with the same token', async () => {
      const server = await start({ allowDiscovery: true });
      const all = await Promise.all(Array.from({ length: 10 }, () => PeerJsSocket.connect(server.wsUrl)));
      await until(() => all.filter(({ ws }) => ws.readyState === WebSocket.CLOSED).length === 9);
      const [winner] = all.filter(({ ws }) => ws.readyState === WebSocket.OPEN);
      expect(await winner.rest()).toEqual([{ type: 'OPEN' }]);
      for (const { messages } of all) expect([[], [{ type: 'OPEN' }]]).toContainEqual(messages);
      expect(await (await fetch(`${server.url}/peerjs/peers`)).json()).toEqual(['alice']);
    });

    it('gives the id to one of those who come at the same moment with different tokens', async () => {
      const server = await start();
      const tokens = Array.from({ length: 10 }, (_, i) => `token ${i}`);
      const all = await Promise.all(tokens.map((token) => PeerJsSocket.connect(server.wsUrl, { token })));
      const first = await Promise.all(all.map(async (socket) => socket.textOf(await socket.next())));
      expect(first.sort()).toEqual([...Array.from({ length: 9 }, () => ID_TAKEN), OPEN]);
      await until(() => all.filter(({ ws }) => ws.readyState === WebSocket.CLOSED).length === 9);
      const [winner] = all.filter(({ ws }) => ws.readyState === WebSocket.OPEN);
      expect(await winner.rest()).toEqual([]);
    });
  });

  describe('before OPEN', () => {
    const offer = (i: number): Buffer => clientFrame(`{"type":"OFFER","dst":"bob","payload":${i}}`);
    const all = Array.from({ length: 200 }, (_, i) => i);

    it('keeps frames that come with the handshake in one segment', async () => {
      const server = await start();
      const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
      const heartbeat = clientFrame('{"type":"HEARTBEAT"}');
      const alice = sendHandshake(server, 'alice', heartbeat, ...all.map(offer));
      const payloads = (await bob.nextOnes(all.length)).map(({ src, payload }) => [src, payload]);
      expect(payloads).toEqual(all.map((i) => ['alice', i]));
      expect(await untilReceived(alice, OPEN)).toMatch(/^HTTP\/1.1 101 .*\r\n\r\n..\{"type":"OPEN"\}$/s);
    });

    it('keeps frames while a slow registration is under way, bounded by not reading on', async () => {
      const server = await start();
      const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
      const { letGo } = holdClaims(server);
      const alice = sendHandshake(server, 'alice', ...all.map(offer));
      const connections = server.app.get(Connections, { strict: false });
      await until(() => [...connections].some((connection) => (connection as Connection).isPaused));
      expect(await bob.rest()).toEqual([]);
      letGo();
      expect((await bob.nextOnes(all.length)).map(({ payload }) => payload)).toEqual(all);
      alice.write(offer(-1));
      expect((await bob.next()).payload).toBe(-1);
    });

    it('handles what came before a goodbye', async () => {
      const server = await start();
      const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
      sendHandshake(server, 'alice', ...all.map(offer), CLOSE, offer(-1));
      expect((await bob.nextOnes(all.length)).map(({ payload }) => payload)).toEqual(all);
      expect(await untilFree(server, 'alice')).toBeLessThan(1000);
      expect(await bob.rest()).toEqual([]);
    });

    it.each([
      ['a wrong key', 'key=wrong&id=alice&token=t', WRONG_KEY],
      ['no token', 'key=peerjs&id=alice', MISSING],
      ["somebody's id", 'key=peerjs&id=bob&token=t', ID_TAKEN],
    ])('drops the frames of a client that is refused for %s, and counts it once', async (_, query, answer) => {
      const server = await start();
      const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
      const { pino } = server.app.get(Log, { strict: false });
      const complaints = (['error', 'fatal'] as const).map((level) => jest.spyOn(pino, level));
      const counters = server.app.get(Counters, { strict: false });
      const connections = server.app.get(Connections, { strict: false });
      const ended = () => counters.endedConnections.get('refused') + counters.endedConnections.get('closed by client');

      const alice = sendRequest(server, query, ...all.map(offer));
      expect(await untilReceived(alice, answer)).toMatch(/^HTTP\/1\.1 101 /);
      alice.end(CLOSE);
      await until(() => connections.size === 1);
      expect(await bob.rest()).toEqual([]);
      for (const complaint of complaints) expect(complaint.mock.calls).toEqual([]);
      expect(counters.rejectedFrames.get('INTERNAL')).toBe(0);
      expect(counters.endedConnections.get('refused')).toBe(1);

      // Whoever says goodbye meanwhile has ended by then, and hears nothing.
      sendRequest(server, query, ...all.map(offer), CLOSE).end();
      await until(() => ended() === 2);
      await until(() => connections.size === 1);
      expect(await bob.rest()).toEqual([]);
      for (const complaint of complaints) expect(complaint.mock.calls).toEqual([]);
      expect(counters.rejectedFrames.get('INTERNAL')).toBe(0);
      expect(ended()).toBe(2);
    });

    it('lets a client go that leaves meanwhile', async () => {
      const server = await start({ concurrentLimit: 1 });
      const connections = server.app.get(Connections, { strict: false });
      const { letGo } = holdClaims(server);
      const alice = sendHandshake(server, 'alice', clientFrame('{"type":"HEARTBEAT"}'));
      await until(() => connections.size === 1);
      alice.destroy();
      await until(() => connections.size === 0);
      letGo();
      expect(await untilFree(server, 'alice')).toBeLessThan(1000);
    });

    /** Registrations wait until they are let go. */
    function holdClaims(server: TestServer): { letGo: () => void } {
      const directory = server.app.get(ClientDirectory, { strict: false });
      const claim = directory.claim.bind(directory);
      let letGo = (): void => undefined;
      const gate = new Promise<void>((resolve) => (letGo = resolve));
      jest.spyOn(directory, 'claim').mockImplementation(async (entry) => {
        await gate;
        return claim(entry);
      });
      return { letGo };
    }
  });
});

describe('the end of a PeerJS client', () => {
  it('frees the id at once when it closes', async () => {
    const server = await start();
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    await alice.close();
    expect(await untilFree(server, 'alice')).toBeLessThan(500);
  });

  it('frees the id at once when it is cut', async () => {
    const server = await start();
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    alice.ws.terminate();
    expect(await untilFree(server, 'alice')).toBeLessThan(500);
  });

  it('frees the id at once when it says goodbye and does not hang up', async () => {
    const server = await start();
    const alice = sendHandshake(server, 'alice');
    await untilReceived(alice, OPEN);
    alice.write(CLOSE);
    expect(await untilFree(server, 'alice')).toBeLessThan(1000);
  });

  it('is not told to anybody', async () => {
    const server = await start();
    const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    alice.send({ type: 'OFFER', dst: 'bob' });
    await bob.next('OFFER');
    alice.ws.terminate();
    await untilFree(server, 'alice');
    expect(await bob.rest()).toEqual([]);
  });

  const DEAD_AFTER_MS = 400;

  it('comes when nothing has come from it for the time that is set', async () => {
    const server = await start({ deadAfterMs: DEAD_AFTER_MS });
    const alice = await PeerJsSocket.open(server.wsUrl, { id: 'alice', autoPong: false });
    const since = performance.now();
    await alice.closed;
    const elapsed = performance.now() - since;
    expect(elapsed).toBeGreaterThan(DEAD_AFTER_MS - 50);
    expect(elapsed).toBeLessThan(DEAD_AFTER_MS + 1000);
    expect(await untilFree(server, 'alice')).toBeLessThan(500);
    expect(server.app.get(Counters, { strict: false }).endedConnections.get('no sign of life')).toBe(1);
  });

  it('does not come while it gives a sign of life: a pong, a heartbeat, or any frame', async () => {
    const server = await start({ deadAfterMs: DEAD_AFTER_MS });
    const pongs = await PeerJsSocket.open(server.wsUrl, 'pongs');
    const heartbeats = await PeerJsSocket.open(server.wsUrl, { id: 'heartbeats', autoPong: false });
    const nonsense = await PeerJsSocket.open(server.wsUrl, { id: 'nonsense', autoPong: false });
    let pings = 0;
    pongs.ws.on('ping', () => pings++);
    const since = performance.now();
    const beat = setInterval(() => {
      heartbeats.send({ type: 'HEARTBEAT' });
      nonsense.send('nonsense');
    }, DEAD_AFTER_MS / 8);
    await until(() => performance.now() - since > 3 * DEAD_AFTER_MS);
    clearInterval(beat);
    expect(pings).toBeGreaterThanOrEqual(5);
    for (const socket of [pongs, heartbeats, nonsense]) expect(await socket.rest()).toEqual([]);
  });

  it('comes to one that does not read, before much has piled up for it', async () => {
    const server = await start({ maxBufferedBytes: 65_536, framesPerSecond: 1_000_000, frameBurst: 1_000_000 });
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
    bob.ws.pause();
    const before = process.memoryUsage().arrayBuffers;
    const ended = server.app.get(Counters, { strict: false }).endedConnections;
    let peak = 0;
    // What the operating system takes for bob does not count; it is a few megabytes.
    for (let sent = 0; ended.get('too slow') === 0 && sent < 300; sent++) {
      alice.send({ type: 'OFFER', dst: 'bob', payload: 'x'.repeat(200_000) });
      await alice.rest();
      peak = Math.max(peak, process.memoryUsage().arrayBuffers);
    }
    expect(ended.get('too slow')).toBe(1);
    expect(peak - before).toBeLessThan(40_000_000);
    expect(await untilFree(server, 'bob')).toBeLessThan(500);
    bob.ws.terminate();
  });

  it.each([
    ['a frame that is too large', Buffer.from(`{"type":"OFFER","payload":"${'x'.repeat(5000)}"}`), 1009],
    ['a text that is no UTF-8', Buffer.from([0xff, 0xfe]), 1007],
  ])('comes after %s', async (_, bytes, code) => {
    const server = await start({ maxFrameBytes: 4096 });
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    alice.ws.send(bytes, { binary: false });
    expect((await alice.closed).code).toBe(code);
    expect(await untilFree(server, 'alice')).toBeLessThan(500);
  });

  it('comes after bytes that are no WebSocket, and the server goes on', async () => {
    const server = await start();
    const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
    const alice = sendHandshake(server, 'alice');
    await untilReceived(alice, OPEN);
    alice.write(Buffer.alloc(1000, 0xff));
    expect(await untilFree(server, 'alice')).toBeLessThan(1000);
    expect(await bob.rest()).toEqual([]);
  });

  it('comes after too many messages, with one ERROR', async () => {
    const server = await start({ framesPerSecond: 1, frameBurst: 10 });
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    for (let i = 0; i < 50; i++) alice.send({ type: 'HEARTBEAT' });
    expect((await alice.closed).code).toBe(1008);
    expect(alice.messages.map(({ type }) => type)).toEqual(['OPEN', 'ERROR']);
  });
});

describe('PeerJS on a server that is shared', () => {
  it('leaves upgrades of other paths to others on the same HTTP server', async () => {
    const server = await start();
    const beside = new WebSocketServer({ noServer: true });
    server.app.getHttpServer().on('upgrade', (request, socket, head) => {
      if (!request.url?.startsWith('/beside/')) return;
      beside.handleUpgrade(request, socket, head, (ws) => ws.send('hello'));
    });
    const other = new WebSocket(`${server.wsUrl}/beside/`);
    const [hello] = (await once(other, 'message')) as [Buffer];
    expect(hello.toString()).toBe('hello');
    await PeerJsSocket.open(server.wsUrl);
    other.terminate();
    expect(await upgradeStatus(server.url, '/nothing')).toBe(404);
  });

  it('outlives upgrade requests that nobody wants and that break off', async () => {
    const server = await start();
    const seen = new Set<Duplex>();
    server.app.getHttpServer().on('upgrade', (_, socket) => seen.add(socket));
    const client = connectTcp({ port: server.port, host: '127.0.0.1' });
    client.write('GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await until(() => seen.size === 1);
    const [socket] = seen;
    // Without a listener the error would end the process.
    expect(socket.listenerCount('error')).toBeGreaterThan(0);
    client.resetAndDestroy();
    await until(() => socket.destroyed);
    await PeerJsSocket.open(server.wsUrl);
  });

  it.each([
    [true, '192.0.2.7, 10.0.0.1', '192.0.2.7'],
    [1, '192.0.2.7, 10.0.0.1', '10.0.0.1'],
    ['loopback, 10.0.0.0/8', '192.0.2.7, 10.0.0.1', '192.0.2.7'],
    [false, '192.0.2.7', '127.0.0.1'],
    ['10.0.0.0/8', '192.0.2.7', '127.0.0.1'],
    [true, '2001:db8::1', '2001:db8::1'],
  ])('believes proxies as far as %j says so', async (proxied, forwarded, address) => {
    const server = await start({ proxied });
    await PeerJsSocket.open(server.wsUrl, { headers: { 'X-Forwarded-For': forwarded } });
    const { items } = await server.app.get(ClientsService, { strict: false }).list({ realm: 'default', limit: 10 });
    expect(items.map((entry) => [entry.id, entry.protocol, entry.address])).toEqual([['alice', 'peerjs', address]]);
  });
});

describe('PeerJS with TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-tls-'));
  const [sslkey, sslcert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];

  beforeAll(() => {
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', sslkey];
    execFileSync('openssl', ['req', '-x509', ...key, '-out', sslcert, '-days', '1', ...subject], { stdio: 'pipe' });
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('is https and wss', async () => {
    const server = await start({ sslkey, sslcert, path: '/myapp' });
    const ca = readFileSync(sslcert);
    const id = await new Promise<string>((resolve, reject) => {
      httpsGet(`https://127.0.0.1:${server.port}/myapp/peerjs/id`, { ca, agent: false }, (response) => {
        response.setEncoding('utf8').once('data', resolve);
      }).once('error', reject);
    });
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    const wss = `wss://localhost:${server.port}`;
    const alice = await PeerJsSocket.open(wss, { id: 'alice', mount: '/myapp', ca });
    const bob = await PeerJsSocket.open(wss, { id: 'bob', mount: '/myapp', ca });
    const payload = 'x'.repeat(100_000);
    alice.send({ type: 'OFFER', dst: 'bob', payload });
    expect(await bob.next()).toEqual({ type: 'OFFER', src: 'alice', dst: 'bob', payload });
    await expect(PeerJsSocket.open(server.wsUrl, { mount: '/myapp' })).rejects.toThrow();
    await expect(fetch(server.url)).rejects.toThrow();
  });
});

describe("the original's flags", () => {
  const MAIN = join(import.meta.dirname, '../../dist/main.js');
  const children: ChildProcess[] = [];

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  interface Program {
    readonly child: ChildProcess;
    readonly url: string;
    readonly wsUrl: string;
  }

  async function run(flags: string, env: NodeJS.ProcessEnv = {}): Promise<Program> {
    const child = spawn(process.execPath, [MAIN, ...flags.split(' ')], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    for await (const line of createInterface({ input: child.stdout })) {
      const { msg, port } = JSON.parse(line) as { msg: string; port?: number };
      if (msg !== 'listening') continue;
      child.stdout.resume();
      return { child, url: `http://127.0.0.1:${port}`, wsUrl: `ws://127.0.0.1:${port}` };
    }
    throw new Error('the server ended before it listened');
  }

  it('mean what they meant', async () => {
    const { child, url, wsUrl } = await run(
      '--port 0 --key peerjs --path /myapp --allow_discovery --expire_timeout 5000 --concurrent_limit 5000 ' +
        '--alive_timeout 60000 --proxied true --cors https://a.example',
    );
    const mount = '/myapp';
    expect((await fetch(`${url}/myapp/peerjs/id`)).status).toBe(200);
    expect((await fetch(`${url}/peerjs/id`)).status).toBe(404);
    const alice = await PeerJsSocket.open(wsUrl, { mount, origin: 'https://a.example' });
    alice.send({ type: 'OFFER', dst: 'bob' });
    const since = performance.now();
    const peers = await fetch(`${url}/myapp/peerjs/peers`, { headers: { origin: 'https://a.example' } });
    expect(await peers.json()).toEqual(['alice']);
    expect(peers.headers.get('access-control-allow-origin')).toBe('https://a.example');
    const path = '/myapp/peerjs?key=peerjs&id=x&token=t';
    expect(await upgradeStatus(url, path, { origin: 'https://b.example' })).toBe(403);
    // Its patience is as long as that of `next`, so it is asked twice.
    await until(() => alice.messages.length > 1, 7000);
    expect(await alice.next()).toEqual({ type: 'EXPIRE', src: 'bob', dst: 'alice' });
    expect(performance.now() - since).toBeGreaterThan(4900);

    child.kill('SIGTERM');
    expect((await alice.closed).code).toBe(1012);
    expect(await once(child, 'exit')).toEqual([0, null]);
  }, 15_000);

  it('take other values, too, and -k, -c, -t as well', async () => {
    const { url, wsUrl } = await run(
      '--host 127.0.0.1 -p 0 -k other -t 200 -c 1 --cleanup_out_msgs 20 --alive_timeout 600 ' +
        '--cors https://a.example --cors https://b.example',
    );
    expect((await fetch(`${url}/peerjs/id`)).status).toBe(401);
    expect((await fetch(`${url}/other/peers`)).status).toBe(401);
    for (const origin of ['https://a.example', 'https://b.example']) {
      const { headers } = await fetch(url, { headers: { origin } });
      expect(headers.get('access-control-allow-origin')).toBe(origin);
    }
    const alice = await PeerJsSocket.open(wsUrl, { key: 'other', autoPong: false });
    alice.send({ type: 'OFFER', dst: 'bob' });
    const since = performance.now();
    const bob = await PeerJsSocket.connect(wsUrl, { key: 'other', id: 'bob' });
    expect(bob.textOf(await bob.next())).toBe(FULL);
    await alice.next('EXPIRE');
    expect(performance.now() - since).toBeLessThan(2000);
    await alice.closed;
    expect(performance.now() - since).toBeLessThan(4000);
  });

  it('have variables beside them', async () => {
    const { url } = await run('--cors *', { PORT: '0', PEERSERVER_PATH: 'here' });
    expect((await fetch(`${url}/here/peerjs/id`)).status).toBe(200);
  });
});
