import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { jest } from '@jest/globals';
import type { PeerServerOptions } from 'signalbox/peer';
import { PeerJsSocket } from '../support/peerjs-socket.js';
import { IMPORT_LINES, load, newExpress, type PeerModule, startPeerServer } from './programs.js';

const INFO = {
  name: 'PeerJS Server',
  description: 'A server side element to broker connections between PeerJS clients.',
  website: 'https://peerjs.com/',
};
const UUID_V4 = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

const textOf = async (url: string, init?: RequestInit): Promise<string> => (await fetch(url, init)).text();

describe.each(IMPORT_LINES)('options of PeerServer of %s', (importLine) => {
  let peer: PeerModule;

  beforeAll(async () => {
    peer = await load(importLine);
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('listens on port 9000 of all addresses by default, and calls back with its HTTP server', () => {
    const listen = jest.spyOn(Server.prototype, 'listen').mockReturnThis();
    const callback = jest.fn();
    peer.PeerServer(undefined, callback);
    const [port, host, listening] = listen.mock.calls[0] as unknown as [number, string, () => void];
    expect([port, host]).toEqual([9000, '::']);
    expect(callback).not.toHaveBeenCalled();
    listening();
    const [server] = listen.mock.contexts as unknown as [Server];
    expect(callback.mock.calls).toEqual([[server]]);
    expect(server).toBeInstanceOf(Server);
    server.emit('close');
  });

  it('takes a port as text, as environment variables are', () => {
    const listen = jest.spyOn(Server.prototype, 'listen').mockReturnThis();
    peer.PeerServer({ port: '9001' as unknown as number, host: 'localhost' });
    expect(listen.mock.calls[0].slice(0, 2)).toEqual(['9001', 'localhost']);
    (listen.mock.contexts as unknown as [Server])[0].emit('close');
  });

  it('returns before it listens, and answers requests from the first one on', async () => {
    const { url, wsUrl } = await startPeerServer(peer);
    expect(await textOf(`${url}/peerjs/id`)).toMatch(UUID_V4);
    await PeerJsSocket.open(wsUrl);
  });

  it.each([
    [undefined, ''],
    ['/', ''],
    ['/myapp', '/myapp'],
    ['/myapp/', '/myapp'],
    ['/my/app', '/my/app'],
  ])('path %j: serves %j', async (path, mount) => {
    const { url, wsUrl } = await startPeerServer(peer, path === undefined ? {} : { path });
    expect(await (await fetch(url + mount)).json()).toEqual(INFO);
    expect(await (await fetch(`${url}${mount}/`)).json()).toEqual(INFO);
    expect(await textOf(`${url}${mount}/peerjs/id?ts=1`)).toMatch(UUID_V4);
    await PeerJsSocket.open(wsUrl, { mount });
    if (mount !== '') expect((await fetch(url)).status).toBe(404);
    expect((await fetch(`${url}${mount}/peerjs/nothing`)).status).toBe(404);
    expect((await fetch(`${url}${mount}/peerjs/id`, { method: 'POST' })).status).toBe(404);
  });

  it('key: connects clients with this key', async () => {
    const { url, wsUrl } = await startPeerServer(peer, { key: 'my key'.replace(' ', '-') });
    expect(await textOf(`${url}/my-key/id`)).toMatch(UUID_V4);
    await PeerJsSocket.open(wsUrl, { key: 'my-key' });
    const stranger = await PeerJsSocket.connect(wsUrl, { key: 'peerjs' });
    expect(await stranger.next()).toEqual({ type: 'ERROR', payload: { msg: 'Invalid key provided' } });
    await stranger.closed;
  });

  it('allow_discovery: lists ids, and only if it is set', async () => {
    const { url, wsUrl } = await startPeerServer(peer, { allow_discovery: true });
    for (const id of ['zoe', 'alice']) await PeerJsSocket.open(wsUrl, id);
    expect(await (await fetch(`${url}/peerjs/peers`)).json()).toEqual(['zoe', 'alice']);
    const closed = await startPeerServer(peer);
    const response = await fetch(`${closed.url}/peerjs/peers`);
    expect([response.status, await response.text()]).toEqual([401, 'Unauthorized']);
  });

  it('concurrent_limit: refuses further clients, also with the value 0', async () => {
    const full = { type: 'ERROR', payload: { msg: 'Server has reached its concurrent user limit' } };
    const one = await startPeerServer(peer, { concurrent_limit: 1 });
    await PeerJsSocket.open(one.wsUrl, 'alice');
    const none = await startPeerServer(peer, { concurrent_limit: 0 });
    for (const { wsUrl } of [one, none]) {
      const late = await PeerJsSocket.connect(wsUrl, { id: 'late' });
      expect(await late.next()).toEqual(full);
    }
  });

  it('expire_timeout and cleanup_out_msgs: queues a message, and tells its sender when it expires', async () => {
    const { wsUrl } = await startPeerServer(peer, { expire_timeout: 300, cleanup_out_msgs: 50 });
    const alice = await PeerJsSocket.open(wsUrl, 'alice');
    alice.send({ type: 'OFFER', dst: 'late', payload: 1 });
    const late = await PeerJsSocket.open(wsUrl, 'late');
    expect(await late.next()).toEqual({ type: 'OFFER', src: 'alice', dst: 'late', payload: 1 });
    const since = performance.now();
    alice.send({ type: 'OFFER', dst: 'nobody', payload: 1 });
    expect(await alice.next()).toEqual({ type: 'EXPIRE', src: 'nobody', dst: 'alice' });
    expect(performance.now() - since).toBeGreaterThan(250);
    expect(performance.now() - since).toBeLessThan(4000);
  });

  it('alive_timeout: keeps clients that send HEARTBEAT', async () => {
    const { wsUrl } = await startPeerServer(peer, { alive_timeout: 1000 });
    const alice = await PeerJsSocket.open(wsUrl, { id: 'alice', autoPong: false });
    const timer = setInterval(() => alice.send({ type: 'HEARTBEAT' }), 100);
    try {
      await new Promise((resolve) => setTimeout(resolve, 2500));
      expect(await alice.rest()).toEqual([]);
    } finally {
      clearInterval(timer);
    }
  });

  it('generateClientId: generates ids until one is free', async () => {
    const ids = ['taken', 'taken', 'free'];
    const { url, wsUrl } = await startPeerServer(peer, { generateClientId: () => ids.shift() ?? 'none left' });
    await PeerJsSocket.open(wsUrl, 'taken');
    expect(await textOf(`${url}/peerjs/id`)).toBe('free');
  });

  describe('corsOptions', () => {
    const ORIGIN = 'https://page.example';

    async function headersOf(
      corsOptions: PeerServerOptions['corsOptions'],
      init: RequestInit = {},
    ): Promise<[number, Record<string, string>]> {
      const { url } = await startPeerServer(peer, corsOptions ? { corsOptions } : {});
      const response = await fetch(`${url}/peerjs/id`, { ...init, headers: { origin: ORIGIN, ...init.headers } });
      const shared = [...response.headers].filter(([name]) => name.startsWith('access-control-'));
      return [response.status, Object.fromEntries(shared)];
    }

    const cases: [string, PeerServerOptions['corsOptions'], object][] = [
      ['nothing', undefined, { 'access-control-allow-origin': ORIGIN }],
      [
        'a fixed origin',
        { origin: 'https://other.example' },
        { 'access-control-allow-origin': 'https://other.example' },
      ],
      ['a list without the origin', { origin: ['https://other.example'] }, {}],
      ['a matching pattern', { origin: /\.example$/ }, { 'access-control-allow-origin': ORIGIN }],
      ['no origin at all', { origin: false }, {}],
      [
        'a function',
        { origin: (origin, done) => done(null, origin === ORIGIN) },
        { 'access-control-allow-origin': ORIGIN },
      ],
      [
        'credentials and headers',
        { origin: true, credentials: true, exposedHeaders: ['X-One'] },
        {
          'access-control-allow-origin': ORIGIN,
          'access-control-allow-credentials': 'true',
          'access-control-expose-headers': 'X-One',
        },
      ],
    ];

    it.each(cases)('%s: sets the headers', async (_, corsOptions, headers) => {
      expect(await headersOf(corsOptions)).toEqual([200, headers]);
    });

    it('answers preflights', async () => {
      const corsOptions = { origin: ORIGIN, methods: ['GET'], maxAge: 7, optionsSuccessStatus: 200 };
      const init = { method: 'OPTIONS', headers: { 'access-control-request-method': 'GET' } };
      expect(await headersOf(corsOptions, init)).toEqual([
        200,
        {
          'access-control-allow-origin': ORIGIN,
          'access-control-allow-methods': 'GET',
          'access-control-max-age': '7',
        },
      ]);
    });

    it('does not concern WebSockets', async () => {
      const { wsUrl } = await startPeerServer(peer, { corsOptions: { origin: 'https://other.example' } });
      await PeerJsSocket.open(wsUrl, { origin: ORIGIN });
    });
  });

  it.each([true, 'true', 'loopback', false, 'false'])(
    'proxied: serves clients behind a proxy (%j)',
    async (proxied) => {
      const { url, wsUrl, peerServer } = await startPeerServer(peer, { proxied });
      const headers = { 'x-forwarded-for': '203.0.113.9' };
      expect(await textOf(`${url}/peerjs/id`, { headers })).toMatch(UUID_V4);
      await PeerJsSocket.open(wsUrl, { headers });
      expect(Boolean(peerServer.get('trust proxy'))).toBe(proxied !== false && proxied !== 'false');
    },
  );

  it('ignores names that it does not know, and values that are undefined', async () => {
    const options = { debug: true, nonsense: { a: 1 }, corsOptions: { origin: true }, generateClientId: undefined };
    const { url } = await startPeerServer(peer, options);
    expect(await textOf(`${url}/peerjs/id`)).toMatch(UUID_V4);
  });

  describe('ssl', () => {
    const folder = mkdtempSync(join(tmpdir(), 'peer-ssl-'));
    let key: Buffer;
    let cert: Buffer;

    beforeAll(() => {
      const [keyFile, certFile] = ['key.pem', 'cert.pem'].map((name) => join(folder, name));
      const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
      const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
      execFileSync('openssl', ['req', '-x509', ...curve, '-out', certFile, '-days', '1', ...subject], {
        stdio: 'pipe',
      });
      [key, cert] = [keyFile, certFile].map((file) => readFileSync(file));
    });

    afterAll(() => {
      rmSync(folder, { recursive: true });
    });

    const variants: [string, () => PeerServerOptions['ssl']][] = [
      ['key and cert', () => ({ key, cert })],
      ['SNICallback', () => ({ SNICallback: (_, done) => done(null, createSecureContext({ key, cert })) })],
    ];

    it.each(variants)('serves HTTPS and WSS with %s', async (_, ssl) => {
      const { port } = await startPeerServer(peer, { ssl: ssl() });
      const status = await new Promise((resolve, reject) => {
        const options = { port, host: '127.0.0.1', path: '/peerjs/id', ca: cert, servername: 'localhost' };
        request(options, (response) => resolve(response.resume().statusCode))
          .on('error', reject)
          .end();
      });
      expect(status).toBe(200);
      await PeerJsSocket.open(`wss://localhost:${port}`, { ca: cert });
    });

    it('serves HTTP without any member', async () => {
      const { url } = await startPeerServer(peer, { ssl: {} });
      expect(await textOf(`${url}/peerjs/id`)).toMatch(UUID_V4);
    });
  });

  it('ExpressPeerServer: throws when it is mounted without an HTTP server', async () => {
    const app = await newExpress('express');
    const peerServer = peer.ExpressPeerServer(undefined as unknown as Server);
    expect(() => app.use(peerServer)).toThrow(
      new Error("Server is not passed to constructor - can't start PeerServer"),
    );
  });

  it('ExpressPeerServer: does nothing before it is mounted', () => {
    const server = createServer();
    const before = server.eventNames();
    peer.ExpressPeerServer(server, { path: '/myapp' });
    expect(server.eventNames()).toEqual(before);
  });
});
