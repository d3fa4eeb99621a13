import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { connect } from 'node:net';
import { jest } from '@jest/globals';
import { Logger, type LoggerService } from '@nestjs/common';
import type { Express, Request, Response } from 'express';
import { ExpressPeerServer, MessageType, PeerServer, type PeerServerOptions } from 'signalbox/peer';
import { WebSocket, WebSocketServer } from 'ws';
import { becomes } from '../support/becomes.js';
import { PeerJsSocket, until, upgradeStatus } from '../support/peerjs-socket.js';
import { eventsOf, namesOf, newExpress, programOf, startExpress, startPeerServer } from './programs.js';

const peer = { PeerServer, ExpressPeerServer };

const textOf = async (url: string, init?: RequestInit): Promise<string> => (await fetch(url, init)).text();

/** Opens a WebSocket at a path of the program, and returns what its server sends first. */
async function greetingAt(url: string): Promise<string> {
  const socket = new WebSocket(url);
  const [data] = (await once(socket, 'message')) as [Buffer];
  socket.close();
  return data.toString();
}

describe('signalbox/peer, where it differs from npm peer', () => {
  describe('options', () => {
    const refused: [PeerServerOptions, RegExp][] = [
      [{ alive_timeout: 'soon' as never }, /^alive_timeout \(.*\) must be an integer from 1 to 86400000, got 'soon'$/],
      [{ concurrent_limit: NaN }, /^concurrent_limit \(.*\) must be an integer from 0 to 10000000, got NaN$/],
      [{ proxied: 'my proxy' }, /^proxied \(.*\) must be true, false, a number of hops, or addresses and subnets/],
      [{ key: 'a/b' }, /^key \(.*\) must be text without spaces/],
      [{ path: '/a?b' }, /^path \(.*\) must be a path/],
      [{ maxFrameBytes: 1 }, /^maxFrameBytes \(.*\) must be an integer/],
    ];

    it.each(refused)('%j: refuses them at once, by the name that the program has used', (options, message) => {
      expect(() => PeerServer(options)).toThrow(message);
      expect(() => ExpressPeerServer(createServer(), options)).toThrow(message);
    });

    it('reads numbers from text, and takes those that are too large or too small as the limit', async () => {
      const { wsUrl } = await startPeerServer(peer, {
        alive_timeout: Infinity,
        expire_timeout: '0' as never,
        cleanup_out_msgs: '50' as never,
        concurrent_limit: Infinity,
      });
      const alice = await PeerJsSocket.open(wsUrl, 'alice');
      alice.send({ type: 'OFFER', dst: 'nobody' });
      expect(await alice.next()).toEqual({ type: 'EXPIRE', src: 'nobody', dst: 'alice' });
    });

    it('takes the options of Signalbox, too', async () => {
      const keys = new Map([
        ['one', 'first'],
        ['two', 'second'],
      ]);
      const { wsUrl, peerServer } = await startPeerServer(peer, { keys, maxFrameBytes: 2000 });
      const events = eventsOf(peerServer);
      const [one, two] = await Promise.all(['one', 'two'].map((key) => PeerJsSocket.open(wsUrl, { id: 'alice', key })));
      await one.close();
      await until(() => events.length === 3);
      expect(events.filter(({ client }) => client === events[2].client)).toHaveLength(2);
      two.send({ type: 'OFFER', dst: 'bob', payload: 'x'.repeat(3000) });
      expect((await two.closed).code).toBe(1009);
    });

    it('trusts the proxies that the Express program trusts, unless proxied is given', async () => {
      const headers = { 'x-forwarded-for': '203.0.113.9' };
      const before = (app: Express): void => void app.set('trust proxy', 'loopback');
      const limited = { maxConnectionsPerIp: 1 };
      const trusting = await startExpress(peer, { before, options: limited });
      await PeerJsSocket.open(trusting.wsUrl, { id: 'alice' });
      await PeerJsSocket.open(trusting.wsUrl, { id: 'bob', headers });
      const other = await startExpress(peer, { before, options: { ...limited, proxied: false } });
      await PeerJsSocket.open(other.wsUrl, { id: 'alice' });
      await expect(PeerJsSocket.open(other.wsUrl, { id: 'bob', headers })).rejects.toThrow('429');
    });
  });

  it('exports the values of type in messages, which npm peer only declares', () => {
    expect(MessageType.ID_TAKEN).toBe('ID-TAKEN');
    expect(Object.values(MessageType)).toContain('HEARTBEAT');
  });

  describe('upgrade requests', () => {
    const chat = (server: Server): void => {
      const sockets = new WebSocketServer({ noServer: true });
      server.on('upgrade', (request, socket, head) => {
        if (request.url !== '/chat') return;
        // Longer than the second that a stand-alone server would grant.
        setTimeout(() => sockets.handleUpgrade(request, socket, head, (ws) => ws.send('welcome to the chat')), 1500);
      });
    };

    it('leaves those of other paths to the listeners of the program', async () => {
      const { wsUrl } = await startExpress(peer, { listeners: chat });
      expect(await greetingAt(`${wsUrl}/chat`)).toBe('welcome to the chat');
      await PeerJsSocket.open(wsUrl);
    });

    it('refuses those that nobody takes with 404', async () => {
      const { url } = await startExpress(peer, { at: '/peerjs' });
      expect(await upgradeStatus(url, '/chat')).toBe(404);
      expect(await upgradeStatus(url, '/peerjs?key=peerjs&id=a&token=b')).toBe(404);
      expect(await upgradeStatus(url, '/peerjs/peerjs?key=peerjs&id=a&token=b')).toBe(101);
    });

    it('answers those to other protocols as ordinary requests', async () => {
      const { port } = await startExpress(peer, {
        after: (app) => app.get('/own', (_: Request, response: Response) => void response.send('the program')),
      });
      const asked = httpRequest({ port, path: '/own', headers: { connection: 'Upgrade', upgrade: 'h2c' } }).end();
      const [response] = (await once(asked, 'response')) as [NodeJS.ReadableStream];
      expect((await once(response, 'data')).toString()).toBe('the program');
    });

    it('serves two PeerServers of one program, each with its own clients', async () => {
      const app = await newExpress('express');
      const server = createServer(app);
      const [one, two] = ['one', 'two'].map((key) => ExpressPeerServer(server, { key, allow_discovery: true }));
      app.use('/one', one).use('/two', two);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { url, wsUrl } = programOf(server, one);
      const events = [eventsOf(one), eventsOf(two)];
      await PeerJsSocket.open(wsUrl, { id: 'alice', key: 'one', mount: '/one' });
      await PeerJsSocket.open(wsUrl, { id: 'alice', key: 'two', mount: '/two' });
      expect(await textOf(`${url}/two/two/peers`)).toBe('["alice"]');
      expect(events.map(namesOf)).toEqual([['connection alice'], ['connection alice']]);
      expect(await upgradeStatus(url, '/three/peerjs')).toBe(404);
    });
  });

  it('serves every place where it is mounted', async () => {
    const { url, wsUrl } = await startExpress(peer, { at: ['/one', '/two'], options: { allow_discovery: true } });
    await PeerJsSocket.open(wsUrl, { id: 'alice', mount: '/one' });
    await PeerJsSocket.open(wsUrl, { id: 'bob', mount: '/two' });
    expect(await textOf(`${url}/two/peerjs/peers`)).toBe('["alice","bob"]');
  });

  it('finds its path when the application around it is mounted later', async () => {
    const [outer, inner] = await Promise.all(['express', 'express-4'].map(newExpress));
    const server = createServer(outer);
    const peerServer = ExpressPeerServer(server);
    inner.use('/inner', peerServer);
    outer.use('/outer', inner);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await PeerJsSocket.open(programOf(server, peerServer).wsUrl, { mount: '/outer/inner' });
  });

  it('keeps requests and upgrades that arrive before it has started', async () => {
    const { port, url, wsUrl } = await startPeerServer(peer);
    const impatient = connect(port, '127.0.0.1');
    impatient.write(
      'GET /peerjs?key=peerjs&id=x&token=t HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    await once(impatient, 'connect');
    impatient.destroy();
    const ids = await Promise.all(Array.from({ length: 20 }, () => textOf(`${url}/peerjs/id`)));
    expect(new Set(ids).size).toBe(20);
    await Promise.all(ids.map((id) => PeerJsSocket.open(wsUrl, id)));
  });

  it('survives bad messages and clients of a program without listeners', async () => {
    const { wsUrl, peerServer } = await startPeerServer(peer);
    expect(peerServer.listenerCount('error')).toBe(0);
    const alice = await PeerJsSocket.open(wsUrl, 'alice');
    for (const text of ['{', 'null', '[]']) alice.send(text);
    expect(await alice.rest()).toEqual([]);
  });

  it('survives a listener that throws', async () => {
    const { wsUrl, peerServer } = await startPeerServer(peer, { logLevel: 'silent' });
    peerServer.on('connection', () => {
      throw new Error('a fault of the program');
    });
    const alice = await PeerJsSocket.open(wsUrl, 'alice');
    expect(await alice.rest()).toEqual([]);
  });

  describe('the end of the HTTP server', () => {
    it('sends the clients away with 1012, and ends the server', async () => {
      const { server, wsUrl, peerServer } = await startExpress(peer);
      const events = eventsOf(peerServer);
      const alice = await PeerJsSocket.open(wsUrl, 'alice');
      const closed = once(server, 'close');
      server.close();
      expect((await alice.closed).code).toBe(1012);
      await closed;
      await becomes(() => namesOf(events), ['connection alice', 'disconnect alice']);
    });

    it('is followed by another start if the server listens again', async () => {
      const program = await startExpress(peer);
      await PeerJsSocket.open(program.wsUrl, 'alice');
      program.server.close();
      await once(program.server, 'close');
      program.server.listen(0, '127.0.0.1');
      await once(program.server, 'listening');
      const again = programOf(program.server, program.peerServer);
      expect(await textOf(`${again.url}/peerjs/id`)).toMatch(/^[\da-f-]{36}$/);
      await PeerJsSocket.open(again.wsUrl, 'alice');
    });
  });

  it('leaves the logger of a Nest program and standard output alone', async () => {
    const lines: unknown[] = [];
    const note = (...line: unknown[]): void => void lines.push(line);
    const logger: LoggerService = { log: note, warn: note, error: note };
    Logger.overrideLogger(logger);
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      const { wsUrl, server } = await startPeerServer(peer);
      const alice = await PeerJsSocket.open(wsUrl, 'alice');
      server.close();
      await alice.closed;
      expect(write).not.toHaveBeenCalled();
      expect(lines).toEqual([]);
      new Logger('Program').log('my line');
      expect(lines).toEqual([['my line', 'Program']]);
    } finally {
      write.mockRestore();
      Logger.overrideLogger(false);
    }
  });
});
