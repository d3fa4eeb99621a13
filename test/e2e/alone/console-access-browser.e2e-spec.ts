import type { Browser } from 'playwright-core';
import { type AdminServer, OPERATE_TOKEN, READ_TOKEN, startAdminServer } from '../../support/admin-api.js';
import { becomes } from '../../support/becomes.js';
import { launchBrowser } from '../../support/browser.js';
import { ConsolePage, type Screen } from '../../support/console-page.js';
import { freePort } from '../../support/ports.js';
import { makeRoom, Visitors } from '../../support/visitors.js';
import { WEBHOOK_SECRET } from '../../support/webhook-receiver.js';

const BOUND_TOKEN = 'a-token-that-is-bound-to-acme';
const SCREENS: readonly Screen[] = [
  'Overview',
  'Clients',
  'Rooms',
  'Blocks',
  'Nodes',
  'Live',
  'Webhooks',
  'Configuration',
];
const CHANGES = /^(Disconnect|Block|Unblock|Message|Create|End|Remove|Drain|Undrain|Log level|Test|Replay)/;
/** Long enough for several rounds of all that the page refreshes. */
const WATCHED_MS = 15_000;
const WORK_MS = 100;

describe('access to the console', () => {
  let browser: Browser;
  let server: AdminServer;
  let visitors: Visitors;

  beforeAll(async () => {
    browser = await launchBrowser();
    server = await startAdminServer({
      adminTokens: [`olga:operate:${OPERATE_TOKEN}`, `rudi:read:${READ_TOKEN}`, `bo:operate:${BOUND_TOKEN}:acme`],
      webhooks: [{ url: 'http://127.0.0.1:9/hooks', secret: WEBHOOK_SECRET }],
    });
    visitors = new Visitors(server, server.api);
  });
  afterEach(() => visitors.leave());
  afterAll(() => browser.close());

  it('shows a token that may read all screens, and no button that it may not press', async () => {
    const ann = await visitors.connector();
    await makeRoom('den', ann);
    const console = await ConsolePage.logIn(browser, server.url, READ_TOKEN);
    await console.page.getByText('rudi, may only read').waitFor();
    for (const screen of SCREENS) {
      await console.show(screen);
      await becomes(() => console.page.getByText('Loading…').count(), 0);
      expect([screen, await console.button(CHANGES, false).allInnerTexts()]).toEqual([screen, []]);
    }
    for (const hash of [`#/clients/default/${ann.id}`, '#/rooms/default/den']) {
      await console.go(hash);
      await console.page.getByRole('term').getByText('Realm').waitFor();
      expect([hash, await console.button(CHANGES, false).allInnerTexts()]).toEqual([hash, []]);
    }
    expect(console.problems).toEqual([]);
  });

  it('shows a token of a realm what is in the realm, and no screen of the whole server', async () => {
    const caller = await visitors.easyrtc({ applicationName: 'acme' });
    const ann = await visitors.connector();
    const console = await ConsolePage.logIn(browser, server.url, BOUND_TOKEN);
    const links = await console.page.getByRole('navigation').getByRole('link').allInnerTexts();
    expect(links).toEqual(['Overview', 'Clients', 'Rooms', 'Blocks', 'Live']);
    await console.show('Clients');
    await console.row(caller.id).waitFor();
    expect(await console.row(ann.id).count()).toBe(0);
  });

  it('refuses a wrong token, and says so', async () => {
    const console = await ConsolePage.open(browser, server.url);
    await console.enter('a-token-that-is-wrong');
    await console.page.getByRole('alert').filter({ hasText: 'does not accept this token' }).waitFor();
    await console.enter('not a token');
    await console.page.getByRole('alert').filter({ hasText: 'This is not a token' }).waitFor();
  });

  it('says that the admin API is off', async () => {
    const off = await startAdminServer({ adminTokens: [], host: '0.0.0.0' });
    const console = await ConsolePage.open(browser, off.url);
    await console.enter(OPERATE_TOKEN);
    await console.page.getByRole('alert').filter({ hasText: 'The admin API is off' }).waitFor();
  });

  it('keeps the token in the tab, in no URL, until the operator logs out', async () => {
    const console = await ConsolePage.logIn(browser, server.url, OPERATE_TOKEN);
    for (const screen of SCREENS) await console.show(screen);
    await console.page.reload();
    await console.page.getByRole('heading', { level: 1, name: 'Configuration' }).waitFor();
    const other = await console.page.context().newPage();
    await other.goto(`${server.url}/console`);
    await other.getByLabel('Admin token').waitFor();
    const stores = 'JSON.stringify([{ ...localStorage }, document.cookie, location.href])';
    expect(await console.page.evaluate(stores)).not.toContain(OPERATE_TOKEN);
    await console.button('Log out').click();
    await console.page.getByLabel('Admin token').waitFor();
    expect(await console.page.evaluate('sessionStorage.length')).toBe(0);
    expect(console.urls.length).toBeGreaterThan(20);
    expect(console.urls.filter((url) => url.includes(OPERATE_TOKEN))).toEqual([]);
    expect(console.problems).toEqual([]);
  });

  it('sends no more than two requests in a second', async () => {
    const console = await ConsolePage.logIn(browser, server.url, OPERATE_TOKEN);
    for (const screen of SCREENS) await console.show(screen);
    await console.show('Overview');
    await console.page.waitForTimeout(WATCHED_MS);
    const times = await console.requestTimes();
    expect(times.length).toBeGreaterThan(20);
    const spans = times.slice(2).map((time, at) => time - times[at]);
    // Between the turn of a request and its start is some work of the browser.
    expect(spans.filter((ms) => ms < 1000 - WORK_MS)).toEqual([]);
  });

  it('works below a base path, on the admin port alone', async () => {
    const adminPort = await freePort();
    const apart = await startAdminServer({ adminPort, basePath: '/signal' });
    expect((await fetch(`${apart.url}/signal/console`)).status).toBe(404);
    const url = `http://127.0.0.1:${adminPort}/signal`;
    const console = await ConsolePage.logIn(browser, url, OPERATE_TOKEN);
    await console.show('Nodes');
    await console.row('node-1').waitFor();
    expect(console.problems).toEqual([]);
  });
});
