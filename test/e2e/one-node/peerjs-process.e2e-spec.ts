import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get as httpsGet } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { FULL } from '../../support/peerjs-handshake.js';
import { PeerJsSocket, until, upgradeStatus } from '../../support/peerjs-socket.js';
import { startServer } from '../../support/server.js';

describe('PeerJS on a shared HTTP server', () => {
  it('leaves upgrades of other paths to other listeners', async () => {
    const server = await startServer();
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

  it('survives unclaimed upgrade requests that are aborted', async () => {
    const server = await startServer();
    const seen = new Set<Duplex>();
    server.app.getHttpServer().on('upgrade', (_, socket) => seen.add(socket));
    const client = connectTcp({ port: server.port, host: '127.0.0.1' });
    client.write('GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await until(() => seen.size === 1);
    const [socket] = seen;
    // Without a listener, a socket error would crash the process.
    expect(socket.listenerCount('error')).toBeGreaterThan(0);
    client.resetAndDestroy();
    await until(() => socket.destroyed);
    await PeerJsSocket.open(server.wsUrl);
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

  it('serves https and wss', async () => {
    const server = await startServer({ sslkey, sslcert, path: '/myapp' });
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
  const MAIN = join(import.meta.dirname, '../../../dist/main.js');
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

  it('have their original meaning', async () => {
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
    expect(await alice.next()).toEqual({ type: 'EXPIRE', src: 'bob', dst: 'alice' });
    expect(performance.now() - since).toBeGreaterThan(4900);

    child.kill('SIGTERM');
    expect((await alice.closed).code).toBe(1012);
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('accept other values and the short forms -k, -c and -t', async () => {
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
    expect(performance.now() - since).toBeLessThan(4900);
    await alice.closed;
    expect(performance.now() - since).toBeLessThan(20_000);
  });

  it('have matching environment variables', async () => {
    const { url } = await run('--cors *', { PORT: '0', PEERSERVER_PATH: 'here' });
    expect((await fetch(`${url}/here/peerjs/id`)).status).toBe(200);
  });
});
