import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import { ExpressPeerServer, PeerServer, type PeerServerOptions } from 'signalbox/peer';
import { type ServerOptions, WebSocket, WebSocketServer } from 'ws';
import { becomes } from '../support/becomes.js';
import { PeerJsSocket, until, upgradeStatus } from '../support/peerjs-socket.js';
import {
  eventsOf,
  IMPORT_LINES,
  load,
  namesOf,
  newExpress,
  type PeerModule,
  startExpress,
  startPeerServer,
} from './programs.js';

type Create = NonNullable<PeerServerOptions['createWebSocketServer']>;

const creating =
  (more: ServerOptions): Create =>
  (options) =>
    new WebSocketServer({ ...options, ...more });

/** Checks that two clients reach each other. */
async function expectRelay(wsUrl: string, payload = 'hello', mount = ''): Promise<void> {
  const [alice, bob] = await Promise.all(['alice', 'bob'].map((id) => PeerJsSocket.open(wsUrl, { id, mount })));
  alice.send({ type: 'OFFER', dst: 'bob', payload });
  expect(await bob.next()).toEqual({ type: 'OFFER', src: 'alice', dst: 'bob', payload });
  await Promise.all([alice.close(), bob.close()]);
}

describe.each(IMPORT_LINES)('createWebSocketServer of %s', (importLine) => {
  let peer: PeerModule;

  beforeAll(async () => {
    peer = await load(importLine);
  });

  it('is called once, with the path of the WebSockets and the HTTP server', async () => {
    const create = jest.fn(creating({}));
    const { server, wsUrl } = await startPeerServer(peer, { createWebSocketServer: create });
    const [[options]] = create.mock.calls;
    expect(Object.keys(options)).toEqual(['path', 'server']);
    expect(options.path).toBe('/peerjs');
    expect(options.server).toBe(server);
    await expectRelay(wsUrl);
    expect(create).toHaveBeenCalledTimes(1);
  });

  it('gets the path at which the program mounts the PeerServer', async () => {
    const create = jest.fn(creating({}));
    const { wsUrl } = await startExpress(peer, { at: '/app', options: { path: '/my', createWebSocketServer: create } });
    expect(create.mock.calls[0][0].path).toBe('/app/my/peerjs');
    await expectRelay(wsUrl, 'hello', '/app/my');
  });

  it('verifyClient: refuses clients at once', async () => {
    const seen: string[] = [];
    const { wsUrl } = await startPeerServer(peer, {
      createWebSocketServer: creating({
        verifyClient: ({ origin, req, secure }: { origin: string; req: { url?: string }; secure: boolean }) => {
          seen.push(`${origin} ${req.url} ${secure}`);
          return origin === 'https://good.example';
        },
      }),
    });
    const query = 'key=peerjs&id=alice&token=t';
    await expect(PeerJsSocket.open(wsUrl, { query, origin: 'https://bad.example' })).rejects.toThrow('401');
    await PeerJsSocket.open(wsUrl, { query, origin: 'https://good.example' });
    expect(seen).toEqual(['bad', 'good'].map((name) => `https://${name}.example /peerjs?${query} false`));
  });

  it('verifyClient: accepts and refuses clients later', async () => {
    const { url, wsUrl } = await startPeerServer(peer, {
      createWebSocketServer: creating({
        verifyClient: ({ req }, decide) => void setTimeout(() => decide(!req.url?.includes('probe'), 403, 'no'), 20),
      }),
    });
    expect(await upgradeStatus(url)).toBe(403);
    await expectRelay(wsUrl);
  });

  it('maxPayload: closes the connection of a client that sends more', async () => {
    const { wsUrl, peerServer } = await startPeerServer(peer, {
      createWebSocketServer: creating({ maxPayload: 500 }),
    });
    const events = eventsOf(peerServer);
    const alice = await PeerJsSocket.open(wsUrl, 'alice');
    alice.send({ type: 'HEARTBEAT', payload: 'x'.repeat(400) });
    expect(await alice.rest()).toEqual([]);
    alice.send({ type: 'HEARTBEAT', payload: 'x'.repeat(500) });
    expect((await alice.closed).code).toBe(1009);
    await until(() => namesOf(events).includes('error'));
    expect(events.find(({ name }) => name === 'error')?.error?.message).toBe('Max payload size exceeded');
  });

  it('handleProtocols and headers: take part in the handshake', async () => {
    const { wsUrl } = await startPeerServer(peer, {
      createWebSocketServer: (options) => {
        const server = new WebSocketServer({ ...options, handleProtocols: (protocols) => [...protocols].at(-1)! });
        return server.on('headers', (headers) => void headers.push('X-Program: mine'));
      },
    });
    const ws = new WebSocket(`${wsUrl}/peerjs?key=peerjs&id=alice&token=t`, ['one', 'two']);
    const opened = once(ws, 'message');
    const [{ headers }] = (await once(ws, 'upgrade')) as [{ headers: Record<string, string> }];
    expect(headers['x-program']).toBe('mine');
    expect(((await opened)[0] as Buffer).toString()).toBe('{"type":"OPEN"}');
    expect(ws.protocol).toBe('two');
    ws.close();
  });

  it('shows the program its connections, which it may use before the PeerServer does', async () => {
    let sockets!: WebSocketServer;
    const { wsUrl, peerServer } = await startPeerServer(peer, {
      createWebSocketServer: (options) =>
        (sockets = new WebSocketServer(options).on('connection', (ws, { url }) => {
          Object.assign(ws, { target: url });
          ws.send('{"type":"WELCOME"}');
        })),
    });
    const connected = once(peerServer, 'connection');
    const alice = await PeerJsSocket.connect(wsUrl, { query: 'key=peerjs&id=alice&token=t' });
    expect(await alice.nextOnes(2)).toEqual(expect.arrayContaining([{ type: 'WELCOME' }, { type: 'OPEN' }]));
    const [client] = (await connected) as [{ getSocket(): unknown }];
    expect(client.getSocket()).toHaveProperty('target', '/peerjs?key=peerjs&id=alice&token=t');
    expect(sockets.clients.has(client.getSocket() as WebSocket)).toBe(true);
    await alice.close();
    await until(() => sockets.clients.size === 0);
  });

  it('perMessageDeflate: serves clients that offer it', async () => {
    const { wsUrl } = await startPeerServer(peer, {
      createWebSocketServer: creating({ perMessageDeflate: { threshold: 0 } }),
    });
    await expectRelay(wsUrl, 'x'.repeat(20_000));
  });

  it('may listen for upgrades itself, and decide before the handshake', async () => {
    const { url, wsUrl } = await startPeerServer(peer, {
      createWebSocketServer: ({ server }) => {
        const sockets = new WebSocketServer({ noServer: true });
        server!.on('upgrade', (request, socket, head) => {
          if (request.url?.includes('probe')) socket.end('HTTP/1.1 418 No\r\nConnection: close\r\n\r\n');
          else sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit('connection', ws, request));
        });
        return sockets;
      },
    });
    expect(await upgradeStatus(url)).toBe(418);
    await expectRelay(wsUrl);
  });

  it('emits the errors of the HTTP server once', async () => {
    const other = await startPeerServer(peer);
    const create = jest.fn(creating({}));
    const peerServer = peer.PeerServer({ host: '127.0.0.1', port: other.port, createWebSocketServer: create });
    const events = eventsOf(peerServer);
    await until(() => events.length > 0);
    expect(events.map(({ error }) => (error as NodeJS.ErrnoException).code)).toEqual(['EADDRINUSE']);
    create.mock.calls[0][0].server!.emit('close');
  });

  it('passes on what the factory throws', async () => {
    const createWebSocketServer = (): never => {
      throw new Error('a fault of the program');
    };
    const app = await newExpress('express');
    const peerServer = peer.ExpressPeerServer(createServer(), { createWebSocketServer });
    expect(() => app.use(peerServer)).toThrow('a fault of the program');
  });
});

describe('createWebSocketServer of signalbox/peer, beyond npm peer', () => {
  const peer = { PeerServer, ExpressPeerServer };
  const require = createRequire(import.meta.url);

  const wsOf = (name: string): { Server: typeof WebSocketServer } =>
    createRequire(require.resolve(name))('ws') as { Server: typeof WebSocketServer };

  const unsuitable: [string, Create, RegExp][] = [
    ['nothing', () => undefined as never, /must return a WebSocketServer of ws 8/],
    ['another server', () => createServer() as never, /must return a WebSocketServer of ws 8/],
    ['a server of ws 7', (options) => new (wsOf('open-easyrtc-2.0').Server)(options), /must return a WebSocketServer/],
    ['connections of its own', creating({ WebSocket: class extends WebSocket {} }), /option WebSocket/],
    ['a server without HTTP server', () => new WebSocketServer({ noServer: true }), /must let its server listen/],
  ];

  it.each(unsuitable)('refuses %s with a clear error', async (_, createWebSocketServer, message) => {
    const app = await newExpress('express');
    const server = createServer();
    expect(() => app.use(ExpressPeerServer(server, { createWebSocketServer }))).toThrow(message);
  });

  it('takes a server of another copy of ws 8', async () => {
    const { Server } = wsOf('engine.io');
    expect(Server).not.toBe(WebSocketServer);
    const { wsUrl } = await startPeerServer(peer, { createWebSocketServer: (options) => new Server(options) });
    await expectRelay(wsUrl, 'x'.repeat(100_000));
  });

  it('switches perMessageDeflate off', async () => {
    const createWebSocketServer = creating({ perMessageDeflate: true });
    const { wsUrl } = await startPeerServer(peer, { createWebSocketServer });
    expect((await PeerJsSocket.open(wsUrl)).ws.extensions).toBe('');
  });

  it('bounds frames by maxFrameBytes, too', async () => {
    const { wsUrl } = await startPeerServer(peer, { maxFrameBytes: 2000, createWebSocketServer: creating({}) });
    const alice = await PeerJsSocket.open(wsUrl);
    alice.send({ type: 'HEARTBEAT', payload: 'x'.repeat(3000) });
    expect((await alice.closed).code).toBe(1009);
  });

  it('leaves upgrades of other paths to the program, and serves every place where it is mounted', async () => {
    const { wsUrl } = await startExpress(peer, {
      at: ['/one', '/two'],
      options: { createWebSocketServer: creating({}) },
      listeners: (server) => {
        const chat = new WebSocketServer({ noServer: true });
        server.on('upgrade', (request, socket, head) => {
          if (request.url === '/chat') chat.handleUpgrade(request, socket, head, (ws) => ws.send('welcome'));
        });
      },
    });
    const ws = new WebSocket(`${wsUrl}/chat`);
    expect(String((await once(ws, 'message'))[0])).toBe('welcome');
    ws.close();
    await expectRelay(wsUrl, 'hello', '/one');
    await expectRelay(wsUrl, 'hello', '/two');
  });

  it('gives places back when verifyClient refuses or the client goes', async () => {
    const { url, wsUrl } = await startPeerServer(peer, {
      maxConnectionsPerIp: 1,
      createWebSocketServer: creating({
        verifyClient: ({ req }: { req: { url?: string } }) => !req.url?.includes('probe'),
      }),
    });
    for (let i = 0; i < 3; i++) {
      expect(await upgradeStatus(url)).toBe(401);
      const alice = await PeerJsSocket.open(wsUrl, 'alice');
      await expect(PeerJsSocket.open(wsUrl, 'bob')).rejects.toThrow('429');
      await alice.close();
    }
  });

  it('refuses a client about which verifyClient does not decide, and ignores a late decision', async () => {
    const decisions: ((verified: boolean) => void)[] = [];
    const { url, wsUrl } = await startPeerServer(peer, {
      maxConnectionsPerIp: 1,
      upgradeTimeoutMs: 300,
      createWebSocketServer: creating({
        verifyClient: ({ req }, decide) => {
          if (req.url?.includes('probe')) decisions.push(decide);
          else decide(true);
        },
      }),
    });
    expect(await upgradeStatus(url)).toBe(503);
    expect(await upgradeStatus(url)).toBe(503);
    expect(decisions).toHaveLength(2);
    for (const [i, decide] of decisions.entries()) decide(i === 0);
    await PeerJsSocket.open(wsUrl, 'alice');
  });

  it('keeps a client for longer than the time of a handshake', async () => {
    const { wsUrl } = await startPeerServer(peer, { upgradeTimeoutMs: 200, createWebSocketServer: creating({}) });
    const alice = await PeerJsSocket.open(wsUrl, 'alice');
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await alice.rest()).toEqual([]);
  });

  it('ends its HTTP server during a handshake, and starts again with the same server of the program', async () => {
    const decisions: ((verified: boolean) => void)[] = [];
    const create = jest.fn(
      creating({
        verifyClient: ({ req }, decide) => {
          if (req.url?.includes('probe')) decisions.push(decide);
          else decide(true);
        },
      }),
    );
    const { url, wsUrl, server } = await startPeerServer(peer, { createWebSocketServer: create });
    const alice = await PeerJsSocket.open(wsUrl, 'alice');
    const probe = upgradeStatus(url);
    probe.catch(() => undefined);
    await until(() => decisions.length === 1);
    const closed = once(server, 'close');
    server.close();
    expect((await alice.closed).code).toBe(1012);
    await closed;
    await expect(probe).rejects.toThrow();
    decisions[0](true);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await expectRelay(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect(create).toHaveBeenCalledTimes(1);
  });

  it('emits what a hook of the program throws, and closes the connection', async () => {
    const verifyClient = (): never => {
      throw new Error('a fault of the program');
    };
    const { url, peerServer } = await startPeerServer(peer, {
      createWebSocketServer: creating({ verifyClient }),
    });
    const events = eventsOf(peerServer);
    await expect(upgradeStatus(url)).rejects.toThrow();
    await becomes(() => events.map(({ error }) => error?.message), ['a fault of the program']);
  });
});
