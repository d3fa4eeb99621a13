import { jest } from '@jest/globals';
import { WebSocket } from 'ws';
import { ClientDirectory } from '../../../src/clients/client-directory.js';
import { ClientsService } from '../../../src/clients/clients.service.js';
import type { EndReason } from '../../../src/common/end-reason.js';
import type { Config } from '../../../src/config/config.js';
import { Counters } from '../../../src/counters/counters.js';
import { Log } from '../../../src/logging/log.js';
import { Connections } from '../../../src/transport/lifecycle/connections.js';
import type { Connection } from '../../../src/transport/websocket/connection.js';
import {
  clientFrame,
  CLOSE,
  hangUp,
  ID_TAKEN,
  MISSING,
  OPEN,
  refusal,
  sendHandshake,
  sendRequest,
  untilFree,
  untilReceived,
  WRONG_KEY,
} from '../../support/peerjs-handshake.js';
import { PeerJsSocket, until } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';

const servers: TestServer[] = [];

async function start(options: Partial<Config> = {}): Promise<TestServer> {
  const server = await startServer(options);
  servers.push(server);
  return server;
}

afterEach(async () => {
  hangUp();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** Number of connections on all nodes. */
const connectionsOf = (server: TestServer): number => sum(server.everywhere(Connections).map(({ size }) => size));
const endedFor = (server: TestServer, reason: EndReason): number =>
  sum(server.everywhere(Counters).map(({ endedConnections }) => endedConnections.get(reason)));
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

describe('a PeerJS connection', () => {
  it('starts with OPEN as uncompressed text', async () => {
    const server = await start();
    const alice = await PeerJsSocket.connect(server.wsUrl, { id: 'alice', perMessageDeflate: true });
    expect(alice.textOf(await alice.next())).toBe(OPEN);
    expect(alice.ws.extensions).toBe('');
    expect(await alice.rest()).toEqual([]);
  });

  it.each(['key=peerjs&id=a&token=t', 'token=t&id=a&key=peerjs&version=1.5.5', 'x=y&key=peerjs&id=a&token=t'])(
    'requires id, token and key, and ignores other parameters: %s',
    async (query) => {
      const server = await start();
      await PeerJsSocket.open(server.wsUrl, { query });
    },
  );

  describe('checks in this order', () => {
    let server: TestServer;
    let alice: PeerJsSocket;

    // Each request goes to a full server with alice connected.
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
    ])('1. requires id, token and key: ?%s', async (query) => {
      expect(await refusal(server, { query })).toBe(MISSING);
    });

    it.each(['wrong', 'PEERJS', 'peerjs ', '__proto__', 'toString'])('2. rejects an unknown key: %s', async (key) => {
      expect(await refusal(server, { key, id: 'alice', token: 'other' })).toBe(WRONG_KEY);
      expect(await refusal(server, { key, id: 'bob' })).toBe(WRONG_KEY);
    });

    it('3. rejects an id connected with another token', async () => {
      expect(await refusal(server, { id: 'alice', token: 'other' })).toBe(ID_TAKEN);
      expect(await refusal(server, { id: 'alice', token: 'Hers' })).toBe(ID_TAKEN);
    });

    it('4. replaces a client with the same token without further checks', async () => {
      const former = alice;
      alice = await PeerJsSocket.connect(server.wsUrl, { id: 'alice', token: 'hers' });
      expect(alice.textOf(await alice.next())).toBe(OPEN);
      await former.closed;
    });

    it('rejects ids above the maximum length and accepts ids of that length', async () => {
      const other = await start({ maxIdLength: 40 });
      await PeerJsSocket.open(other.wsUrl, 'x'.repeat(40));
      expect(await refusal(other, { id: 'x'.repeat(41) })).toMatch(/^\{"type":"ERROR","payload":\{"msg":"[^"]+"\}\}$/);
    });
  });

  describe('replacing a client', () => {
    it('closes the old socket and ignores its frames and its end', async () => {
      const server = await start();
      const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
      const old = await PeerJsSocket.open(server.wsUrl, 'alice');
      old.ws.pause();
      const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
      // The old socket has not noticed yet. Its frames precede its answer to the close frame, so the server has read
      // them.
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

    it('works when the old socket is cut at the same time', async () => {
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

    it('works twenty times in a row', async () => {
      const server = await start({ allowDiscovery: true });
      const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
      const all: PeerJsSocket[] = [];
      for (let i = 0; i < 20; i++) all.push(await PeerJsSocket.open(server.wsUrl, 'alice'));
      const [alice, ...old] = all.reverse();
      await Promise.all(old.map(({ closed }) => closed));
      bob.send({ type: 'CANDIDATE', dst: 'alice', payload: 0 });
      expect(await bob.rest()).toEqual([]);
      expect(await alice.rest()).toEqual([{ type: 'CANDIDATE', src: 'bob', dst: 'alice', payload: 0 }]);
      for (const socket of old) expect(socket.messages).toEqual([{ type: 'OPEN' }]);
      expect(await (await fetch(`${server.url}/peerjs/peers`)).json()).toEqual(['bob', 'alice']);
    });

    it('leaves one of several simultaneous connections with the same token', async () => {
      const server = await start({ allowDiscovery: true });
      const all = await Promise.all(Array.from({ length: 10 }, () => PeerJsSocket.connect(server.wsUrl)));
      await until(() => all.filter(({ ws }) => ws.readyState === WebSocket.CLOSED).length === 9);
      const [winner] = all.filter(({ ws }) => ws.readyState === WebSocket.OPEN);
      expect(await winner.rest()).toEqual([{ type: 'OPEN' }]);
      for (const { messages } of all) expect([[], [{ type: 'OPEN' }]]).toContainEqual(messages);
      expect(await (await fetch(`${server.url}/peerjs/peers`)).json()).toEqual(['alice']);
    });

    it('gives the id to one of several simultaneous connections with different tokens', async () => {
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

    it('keeps frames that arrive in one segment with the handshake', async () => {
      const server = await start();
      const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
      const heartbeat = clientFrame('{"type":"HEARTBEAT"}');
      const alice = sendHandshake(server, 'alice', heartbeat, ...all.map(offer));
      const payloads = (await bob.nextOnes(all.length)).map(({ src, payload }) => [src, payload]);
      expect(payloads).toEqual(all.map((i) => ['alice', i]));
      expect(await untilReceived(alice, OPEN)).toMatch(/^HTTP\/1.1 101 .*\r\n\r\n..\{"type":"OPEN"\}$/s);
    });

    it('keeps frames during a slow registration and stops reading at the bound', async () => {
      const server = await start();
      const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
      const { letGo } = holdClaims(server);
      const alice = sendHandshake(server, 'alice', ...all.map(offer));
      const connections = () => server.everywhere(Connections).flatMap((its) => [...its]);
      await until(() => connections().some((connection) => (connection as Connection).isPaused));
      expect(await bob.rest()).toEqual([]);
      letGo();
      expect((await bob.nextOnes(all.length)).map(({ payload }) => payload)).toEqual(all);
      alice.write(offer(-1));
      expect((await bob.next()).payload).toBe(-1);
    });

    it('handles frames that precede a close frame', async () => {
      const server = await start();
      const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
      sendHandshake(server, 'alice', ...all.map(offer), CLOSE, offer(-1));
      expect((await bob.nextOnes(all.length)).map(({ payload }) => payload)).toEqual(all);
      expect(await untilFree(server, 'alice')).toBeLessThan(5000);
      expect(await bob.rest()).toEqual([]);
    });

    it.each([
      ['a wrong key', 'key=wrong&id=alice&token=t', WRONG_KEY],
      ['no token', 'key=peerjs&id=alice', MISSING],
      ["another client's id", 'key=peerjs&id=bob&token=t', ID_TAKEN],
    ])('drops the frames of a client rejected for %s and counts it once', async (_, query, answer) => {
      const server = await start();
      const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
      const complaints = server
        .everywhere(Log)
        .flatMap(({ logger }) => (['error', 'fatal'] as const).map((level) => jest.spyOn(logger, level)));
      const internal = () => sum(server.everywhere(Counters).map((its) => its.rejectedFrames.get('INTERNAL')));
      const ended = () => endedFor(server, 'refused') + endedFor(server, 'closed by client');

      const alice = sendRequest(server, query, ...all.map(offer));
      expect(await untilReceived(alice, answer)).toMatch(/^HTTP\/1\.1 101 /);
      alice.end(CLOSE);
      await until(() => connectionsOf(server) === 1);
      expect(await bob.rest()).toEqual([]);
      for (const complaint of complaints) expect(complaint.mock.calls).toEqual([]);
      expect(internal()).toBe(0);
      expect(endedFor(server, 'refused')).toBe(1);

      // A client that closes meanwhile has already ended and receives no answer.
      sendRequest(server, query, ...all.map(offer), CLOSE).end();
      await until(() => ended() === 2);
      await until(() => connectionsOf(server) === 1);
      expect(await bob.rest()).toEqual([]);
      for (const complaint of complaints) expect(complaint.mock.calls).toEqual([]);
      expect(internal()).toBe(0);
      expect(ended()).toBe(2);
    });

    it('releases a client that disconnects meanwhile', async () => {
      const server = await start({ concurrentLimit: 1 });
      const { letGo } = holdClaims(server);
      const alice = sendHandshake(server, 'alice', clientFrame('{"type":"HEARTBEAT"}'));
      await until(() => connectionsOf(server) === 1);
      alice.destroy();
      await until(() => connectionsOf(server) === 0);
      letGo();
      expect(await untilFree(server, 'alice')).toBeLessThan(5000);
    });

    /** Holds registrations until `letGo` is called. */
    function holdClaims(server: TestServer): { letGo: () => void } {
      let letGo = (): void => undefined;
      const gate = new Promise<void>((resolve) => (letGo = resolve));
      for (const directory of server.everywhere(ClientDirectory)) {
        const claim = directory.claim.bind(directory);
        jest.spyOn(directory, 'claim').mockImplementation(async (entry) => {
          await gate;
          return claim(entry);
        });
      }
      return { letGo };
    }
  });
});

describe('the end of a PeerJS client', () => {
  it('releases the id at once on close', async () => {
    const server = await start();
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    await alice.close();
    expect(await untilFree(server, 'alice')).toBeLessThan(5000);
  });

  it('releases the id at once when the socket is cut', async () => {
    const server = await start();
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    alice.ws.terminate();
    expect(await untilFree(server, 'alice')).toBeLessThan(5000);
  });

  it('releases the id at once after a close frame without a hangup', async () => {
    const server = await start();
    const alice = sendHandshake(server, 'alice');
    await untilReceived(alice, OPEN);
    alice.write(CLOSE);
    expect(await untilFree(server, 'alice')).toBeLessThan(5000);
  });

  it('is not announced to other clients', async () => {
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

  it('follows deadAfterMs without a frame', async () => {
    const server = await start({ deadAfterMs: DEAD_AFTER_MS });
    const alice = await PeerJsSocket.open(server.wsUrl, { id: 'alice', autoPong: false });
    const since = performance.now();
    await alice.closed;
    const elapsed = performance.now() - since;
    expect(elapsed).toBeGreaterThan(DEAD_AFTER_MS - 50);
    expect(elapsed).toBeLessThan(DEAD_AFTER_MS + 1000);
    expect(await untilFree(server, 'alice')).toBeLessThan(5000);
    expect(endedFor(server, 'no sign of life')).toBe(1);
  });

  it('does not follow while the client sends pongs, heartbeats or any frame', async () => {
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
    await until(() => performance.now() - since > 3 * DEAD_AFTER_MS && pings >= 5, 20_000);
    clearInterval(beat);
    for (const socket of [pongs, heartbeats, nonsense]) expect(await socket.rest()).toEqual([]);
  });

  it.each([
    ['a frame that is too large', Buffer.from(`{"type":"OFFER","payload":"${'x'.repeat(5000)}"}`), 1009],
    ['a text that is no UTF-8', Buffer.from([0xff, 0xfe]), 1007],
  ])('follows %s', async (_, bytes, code) => {
    const server = await start({ maxFrameBytes: 4096 });
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    alice.ws.send(bytes, { binary: false });
    expect((await alice.closed).code).toBe(code);
    expect(await untilFree(server, 'alice')).toBeLessThan(5000);
  });

  it('follows bytes that are no WebSocket frame, and the server keeps running', async () => {
    const server = await start();
    const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
    const alice = sendHandshake(server, 'alice');
    await untilReceived(alice, OPEN);
    alice.write(Buffer.alloc(1000, 0xff));
    expect(await untilFree(server, 'alice')).toBeLessThan(5000);
    expect(await bob.rest()).toEqual([]);
  });

  it('follows too many messages, with a single ERROR', async () => {
    const server = await start({ framesPerSecond: 1, frameBurst: 10 });
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    for (let i = 0; i < 50; i++) alice.send({ type: 'HEARTBEAT' });
    expect((await alice.closed).code).toBe(1008);
    expect(alice.messages.map(({ type }) => type)).toEqual(['OPEN', 'ERROR']);
  });
});

describe('the address of a PeerJS client', () => {
  it.each([
    [true, '192.0.2.7, 10.0.0.1', '192.0.2.7'],
    [1, '192.0.2.7, 10.0.0.1', '10.0.0.1'],
    ['loopback, 10.0.0.0/8', '192.0.2.7, 10.0.0.1', '192.0.2.7'],
    [false, '192.0.2.7', '127.0.0.1'],
    ['10.0.0.0/8', '192.0.2.7', '127.0.0.1'],
    [true, '2001:db8::1', '2001:db8::1'],
  ])('is read from proxies trusted by %j', async (proxied, forwarded, address) => {
    const server = await start({ proxied });
    await PeerJsSocket.open(server.wsUrl, { headers: { 'X-Forwarded-For': forwarded } });
    const { items } = await server.app.get(ClientsService, { strict: false }).list({ realm: 'default', limit: 10 });
    expect(items.map((entry) => [entry.id, entry.protocol, entry.address])).toEqual([['alice', 'peerjs', address]]);
  });
});
