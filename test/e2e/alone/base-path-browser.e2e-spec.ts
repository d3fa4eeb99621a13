import { OPERATE_TOKEN } from '../../support/admin-api.js';
import { NO_CAMERA } from '../../support/browser.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { DemoPages } from '../../support/demo-pages.js';
import { CURRENT, EasyRtcPage } from '../../support/easyrtc-page.js';
import { PagePool } from '../../support/page-pool.js';
import { PATIENCE_MS } from '../../support/patience.js';
import { PeerPage } from '../../support/peerjs-page.js';
import { PeerJsSocket } from '../../support/peerjs-socket.js';
import { PrefixProxy } from '../../support/prefix-proxy.js';
import { startServer, type TestServer } from '../../support/server.js';

const PREFIX = '/apps/signal-1';
const EASYRTC_SCRIPTS = ['/socket.io/socket.io.js', '/easyrtc/easyrtc.js'];

let server: TestServer;
let pages: PagePool;
let proxy: PrefixProxy;

beforeAll(async () => {
  pages = await PagePool.launch(NO_CAMERA);
});

beforeAll(async () => {
  server = await startServer({
    basePath: `${PREFIX}/`,
    iceServers: [],
    adminTokens: [`olga:operate:${OPERATE_TOKEN}`],
  });
});

afterEach(async () => {
  await ConnectorClient.closeAll();
  await pages.releaseAll();
  expect(pages.problems.splice(0)).toEqual([]);
});

afterAll(() => pages.close());
afterAll(() => server.close());

describe.each([
  ['keeps', true],
  ['removes', false],
])('base path behind a proxy that %s the prefix', (_, isKept) => {
  beforeAll(async () => {
    proxy = await PrefixProxy.start(server.port, PREFIX, isKept);
  });

  afterAll(() => proxy.close());

  it('accepts Peer2Peer Connector clients', async () => {
    for (const path of ['', '/', '//']) {
      const client = await ConnectorClient.connect(proxy.wsUrl + path);
      expect(await client.drain()).toEqual([]);
    }
  });

  it('accepts the PeerJS library with the option path', async () => {
    const page = await PeerPage.open(pages, proxy.url, { name: 'peerjs', raw: 'raw' });
    const peer = await page.openPeer(undefined, { port: proxy.port, path: PREFIX });
    expect(await peer.state()).toMatchObject({ open: true, id: expect.any(String) as string });
    await page.destroyPeers();
  });

  it('serves the EasyRTC library, which connects with setSocketUrl over polling and WebSocket', async () => {
    const scripts = EASYRTC_SCRIPTS.map((path) => ({ url: proxy.url + path }));
    for (const transport of ['polling', 'websocket'] as const) {
      const page = await EasyRtcPage.open(pages, proxy.url, { ...CURRENT, scripts });
      const options = { path: `${PREFIX}/socket.io`, transports: [transport] };
      expect(await page.connect('default', { url: `http://127.0.0.1:${proxy.port}`, ...options })).toMatch(/^\w{16}$/);
      await pages.releaseAll();
    }
  });

  it.each(['/demo', '/demo/'])('connects the demo page at %s', async (path) => {
    const demo = new DemoPages(pages.browser);
    const page = await demo.open(`${proxy.url}${path}?room=prefixed`);
    await page.locator('body[data-state="joined"]').waitFor({ timeout: PATIENCE_MS });
    await demo.closeAll();
    expect(demo.problems).toEqual([]);
  });

  it.each(['/docs', '/docs/'])(
    'serves Swagger UI with all of its files at %s, and answers its requests',
    async (path) => {
      const page = await pages.browser.newPage();
      page.on('pageerror', (error) => pages.problems.push(error.message));
      page.on('response', (response) => {
        if (response.status() >= 400) pages.problems.push(`${response.status()} ${response.url()}`);
      });
      await page.goto(proxy.url + path);
      const operation = page.locator('.opblock', { hasText: '/health/live' }).first();
      await operation.locator('.opblock-summary-control').click();
      await operation.locator('.try-out__btn').click();
      await operation.locator('.execute').click();
      const answer = operation.locator('.live-responses-table .response-col_status');
      await answer.first().waitFor({ timeout: PATIENCE_MS });
      expect(await operation.locator('.request-url').innerText()).toContain(`${proxy.url}/health/live`);
      expect(await answer.last().innerText()).toContain('200');
      await page.close();
    },
  );

  it('serves the admin API, health, metrics and the API document at the root', async () => {
    const headers = { authorization: `Bearer ${OPERATE_TOKEN}` };
    const paths = ['', '/', '?x=//y', '/health/ready', '/metrics', '/admin/v1/stats', '/peerjs/id', '/docs-json'];
    const statuses = await Promise.all(paths.map((path) => fetch(proxy.url + path, { headers })));
    expect(statuses.map(({ status }) => status)).toEqual(paths.map(() => 200));
    const missing = await fetch(`${proxy.url}/admin/v1/nothing`, { headers });
    expect([missing.status, missing.headers.get('content-type')]).toEqual([
      404,
      expect.stringContaining('application/problem+json'),
    ]);
  });
});

describe('repeated slashes', () => {
  it.each(['//peerjs', `${PREFIX}//peerjs`, `/${PREFIX}/peerjs`, '///peerjs//'])(
    'are treated as one: %s',
    async (path) => {
      const query = 'key=peerjs&id=alice&token=t';
      const ws = await PeerJsSocket.open(server.wsUrl + path.replace(/\/peerjs\/*$/, ''), { query });
      await ws.close();
      const response = await fetch(`${server.url}${path}/id`);
      expect([response.status, await response.text()]).toEqual([200, expect.stringMatching(/^[\w-]{36}$/)]);
    },
  );

  it('are kept in a query, and a path that only starts like the prefix is not found', async () => {
    expect((await fetch(`${server.url}/demo?room=a//b`)).status).toBe(200);
    expect((await fetch(`${server.url}${PREFIX}2/demo`)).status).toBe(404);
  });
});

describe('socketIoPath and easyrtcPath', () => {
  it('move the paths of EasyRTC', async () => {
    const own = await startServer({ socketIoPath: '/chat/socket.io/', easyrtcPath: 'lib/easyrtc', iceServers: [] });
    try {
      const scripts = ['/chat/socket.io/socket.io.js', '/lib/easyrtc/easyrtc.js'].map((path) => ({
        url: own.url + path,
      }));
      const page = await EasyRtcPage.open(pages, own.url, { ...CURRENT, scripts });
      const id = await page.connect('default', { url: own.url, path: '/chat/socket.io', transports: ['websocket'] });
      expect(id).toMatch(/^\w{16}$/);
      await pages.releaseAll();
      for (const path of EASYRTC_SCRIPTS) expect((await fetch(own.url + path)).status).toBe(404);
      const polled = await fetch(`${own.url}/socket.io/?EIO=4&transport=polling`);
      expect(polled.status).toBe(404);
      const { headers } = await fetch(`${own.url}/lib/easyrtc/easyrtc.js`, {
        headers: { origin: 'https://a.example' },
      });
      expect(headers.get('access-control-allow-origin')).toBe('https://a.example');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    } finally {
      await own.close();
    }
  });
});
