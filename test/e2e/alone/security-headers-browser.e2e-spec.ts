import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { type AdminServer, startAdminServer } from '../../support/admin-api.js';
import { launchBrowser } from '../../support/browser.js';

let server: AdminServer;
let theirs: Server;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  server = await startAdminServer();
  theirs = createServer((_, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*').setHeader('Content-Type', 'text/html').end('<body></body>');
  });
  await new Promise<void>((resolve) => theirs.listen(0, '127.0.0.1', resolve));
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  theirs.close();
  await server.close();
});
beforeEach(async () => {
  page = await browser.newPage();
  complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
});
afterEach(() => page.close());

const theirUrl = (): string => `http://localhost:${(theirs.address() as AddressInfo).port}`;

it('pages of other origins can load the client libraries', async () => {
  await page.goto(theirUrl());
  for (const path of ['/socket.io/socket.io.js', '/easyrtc/easyrtc.js'])
    await page.addScriptTag({ url: server.url + path });
  expect(await page.evaluate("typeof io + ' ' + typeof easyrtc")).toBe('function object');
  expect(complaints).toEqual([]);
});

it.each(['/demo', '/docs'])('%s complies with its own policy', async (path) => {
  await page.goto(server.url + path, { waitUntil: 'load' });
  await page
    .locator(path === '/docs' ? '.opblock' : 'form')
    .first()
    .waitFor();
  expect(complaints).toEqual([]);
});

it.each(['/', '/demo', '/docs'])('pages of other origins cannot frame %s', async (path) => {
  await page.goto(theirUrl());
  const refusal = page.waitForEvent('console', (message) => /frame-ancestors|X-Frame-Options/.test(message.text()));
  await page.evaluate(`document.body.innerHTML = '<iframe src="${server.url}${path}"></iframe>'`);
  await refusal;
});
