import type { Browser, Page } from 'playwright-core';
import { ClientsService } from '../../../src/clients/clients.service.js';
import { READ_TOKEN } from '../../support/admin-api.js';
import { launchBrowser, NO_CAMERA } from '../../support/browser.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { Nginx } from '../../support/nginx.js';
import { PATIENCE_MS } from '../../support/patience.js';
import { upgradeStatus } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';

/** A list without the server's own origin: its own pages must be accepted all the same. */
const CORS = ['https://elsewhere.example'];

let server: TestServer;
let nginx: Nginx;
let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser(NO_CAMERA);
});

beforeAll(async () => {
  server = await startServer({ cors: CORS, proxied: 1, adminTokens: [`rudi:read:${READ_TOKEN}`] });
  nginx = await Nginx.start(server.port);
});

afterAll(() => browser.close());
afterAll(() => nginx.close());
afterAll(() => server.close());

async function open(url: string): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(url);
  return page;
}

describe('server behind deploy/nginx.conf, with a list of origins', () => {
  it.each(['127.0.0.1', 'localhost'])('connects the demo page at %s', async (host) => {
    const page = await open(`http://${host}:${nginx.port}/demo?room=nginx`);
    await page.locator('body[data-state="joined"]').waitFor();
    const id = (await page.locator('body').getAttribute('data-id')) ?? '';
    const { address } = server.app.get(ClientsService, { strict: false }).findHere('default', id) ?? {};
    expect(address).toBe('127.0.0.1');
    await page.close();
  });

  it('answers the requests of Swagger UI', async () => {
    const page = await open(`${nginx.url}/docs`);
    await page.locator('.opblock').first().waitFor();
    const status = await page.evaluate(
      (token) => fetch('/admin/v1/stats', { headers: { authorization: `Bearer ${token}` } }).then((r) => r.status),
      READ_TOKEN,
    );
    expect(status).toBe(200);
    await page.close();
  });

  it('lets an EasyRTC page of its own origin poll', async () => {
    const client = await EasyRtcClient.login(nginx.url, {}, { extraHeaders: { origin: nginx.url } });
    expect(client.id).not.toBe('');
    EasyRtcClient.closeAll();
  });

  it('rejects pages of other origins, including other ports of the same host', async () => {
    const origins = ['https://other.example', `http://127.0.0.1:${server.port}`, 'http://127.0.0.1', 'null'];
    for (const origin of origins) {
      expect([origin, await upgradeStatus(nginx.url, '/', { origin })]).toEqual([origin, 403]);
    }
    expect(await upgradeStatus(nginx.url, '/', { origin: CORS[0] })).toBe(101);
    expect(await upgradeStatus(nginx.url, '/', { origin: nginx.url })).toBe(101);
  });

  it('ignores a host that a client sends in X-Forwarded-Host', async () => {
    const headers = { origin: 'https://other.example', 'x-forwarded-host': 'other.example' };
    expect(await upgradeStatus(nginx.url, '/', headers)).toBe(403);
  });
});
