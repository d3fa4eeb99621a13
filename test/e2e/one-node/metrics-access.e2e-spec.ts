import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { jest } from '@jest/globals';
import type { Config } from '../../../src/config/config.js';
import { PrometheusService } from '../../../src/monitoring/prometheus.service.js';
import { RoomStore } from '../../../src/rooms/room-store.js';
import { type AdminServer, OPERATE_TOKEN, READ_TOKEN, startAdminServer } from '../../support/admin-api.js';
import { freePort } from '../../support/ports.js';
import { dial, requestOf } from '../../support/raw-http.js';
import { startServer, type TestServer } from '../../support/server.js';

const ROOMS = 100_000;

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Sends a GET request. Unlike fetch, it can set the Host header. */
function ask(
  server: { readonly port: number },
  headers: Record<string, string> = {},
  path = '/metrics',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: server.port, path, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }));
    });
    request.on('error', reject).end();
  });
}

/** Requests of other clients, as forwarded by a proxy on this machine. */
const STRANGERS: readonly [string, Record<string, string>][] = [
  ['X-Forwarded-For', { 'X-Forwarded-For': '203.0.113.7' }],
  ['X-Forwarded-For of a liar', { 'X-Forwarded-For': '127.0.0.1' }],
  ['an X-Forwarded-For with two addresses', { 'X-Forwarded-For': '127.0.0.1, 203.0.113.7' }],
  ['Forwarded', { Forwarded: 'for=203.0.113.7' }],
  ['X-Real-IP', { 'X-Real-IP': '203.0.113.7' }],
  ['X-Forwarded-Proto', { 'X-Forwarded-Proto': 'https' }],
  ['Via', { Via: '1.1 proxy' }],
  ['CF-Connecting-IP', { 'CF-Connecting-IP': '203.0.113.7' }],
  ['the name of the proxy', { Host: 'signal.example' }],
  ['a foreign name that resolves to this machine', { Host: '127.0.0.1.evil.example:9000' }],
];

describe('/metrics', () => {
  let server: AdminServer;

  async function start(options: Partial<Config> = {}): Promise<void> {
    server = await startAdminServer(options);
  }

  afterEach(async () => {
    jest.restoreAllMocks();
    await server.close();
  });

  it('is open to programs on this machine under any of its names', async () => {
    await start();
    const hosts = ['127.0.0.1', 'localhost', '127.0.0.1:9000', 'LOCALHOST:1', '[::1]:9000'];
    const answers = await Promise.all(hosts.map((host) => ask(server, { Host: host })));
    for (const { status, text } of answers) expect([status, text.includes('signalbox_rooms 0')]).toEqual([200, true]);
  });

  it('is closed to HTTP/1.0, the default of nginx for upstreams', async () => {
    await start();
    const socket = await dial(server.port);
    socket.write(requestOf('/metrics', { Host: `127.0.0.1:${server.port}` }).replace('HTTP/1.1', 'HTTP/1.0'));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString('latin1')).toMatch(/^HTTP\/1\.1 401 /);
  });

  it.each([[false], [true], ['loopback'], [1]])('is closed to other machines, with proxied %j', async (proxied) => {
    await start({ proxied });
    for (const [what, headers] of STRANGERS) {
      const refused = await ask(server, headers);
      expect([what, refused.status, refused.headers['www-authenticate']]).toEqual([what, 401, 'Bearer']);
      expect(refused.text).not.toContain('signalbox_');
    }
    const withTokens = STRANGERS.flatMap(([, headers]) => {
      return [READ_TOKEN, OPERATE_TOKEN].map((token) => ({ ...headers, Authorization: `Bearer ${token}` }));
    });
    const answers = await Promise.all(withTokens.map((headers) => ask(server, headers)));
    for (const { status, text } of answers) expect([status, text.includes('signalbox_rooms 0')]).toEqual([200, true]);
  });

  it('locks out addresses that guess tokens, but accepts valid tokens', async () => {
    await start({ proxied: true });
    const guess = (token: string) =>
      ask(server, { 'X-Forwarded-For': '203.0.113.7', Authorization: `Bearer ${token}` });
    const statuses = [];
    for (let tries = 0; tries < 20; tries++) statuses.push((await guess('a-token-that-is-wrong')).status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect((await guess(READ_TOKEN)).status).toBe(200);
  });

  it('is closed to other machines if no token is configured', async () => {
    await start({ host: '0.0.0.0', adminTokens: [] });
    const { status, text } = await ask(server, { 'X-Forwarded-For': '203.0.113.7', Authorization: 'Bearer undefined' });
    expect(status).toBe(403);
    expect(text).not.toContain('signalbox_');
    expect((await ask(server)).status).toBe(200);
  });

  it('leaves the health endpoints public', async () => {
    await start();
    for (const path of ['/health/live', '/health/ready']) {
      expect((await ask(server, { 'X-Forwarded-For': '203.0.113.7' }, path)).status).toBe(200);
    }
  });

  it('is served only on its own port if one is set, without access control', async () => {
    const metricsPort = await freePort();
    await start({ metricsPort });
    const headers = { 'X-Forwarded-For': '203.0.113.7' };
    expect((await ask({ port: metricsPort }, headers)).status).toBe(200);
    expect((await ask(server, { ...headers, Authorization: `Bearer ${READ_TOKEN}` })).status).toBe(404);
  });
});

describe('/metrics of a server with 100,000 rooms', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer({ maxRooms: ROOMS });
    const store = server.app.get(RoomStore, { strict: false });
    const bounds = { maxRooms: ROOMS, maxMembers: 1 };
    for (let at = 0; at < ROOMS; at++)
      await store.create({ realm: 'default', id: `r${at}`, name: '' }, undefined, bounds);
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await server.close();
  });

  it('is collected once for fifty concurrent requests, and at most once a second', async () => {
    const made = jest.spyOn(PrometheusService.prototype, 'text');
    const askers = (): Promise<Answer[]> => Promise.all(Array.from({ length: 50 }, () => ask(server)));
    const since = performance.now();
    const answers = [...(await askers()), ...(await askers()), ...(await askers())];
    const seconds = (performance.now() - since) / 1000;
    expect(made.mock.calls.length).toBeLessThanOrEqual(1 + Math.ceil(seconds));
    expect(made.mock.calls.length).toBeLessThan(20);
    for (const { status, text } of answers)
      expect([status, text.includes(`signalbox_rooms ${ROOMS}\n`)]).toEqual([200, true]);
  });

  it('is never older than the request', async () => {
    const store = server.app.get(RoomStore, { strict: false });
    for (let rest = 1; rest <= 3; rest++) {
      await store.end('default', `r${rest}`);
      expect((await ask(server)).text).toContain(`signalbox_rooms ${ROOMS - rest}\n`);
    }
  });
});
