import type { Browser, Page } from 'playwright-core';
import { FAKE_MEDIA, launchBrowser } from '../../support/browser.js';
import { allConnected, DemoPages, isIn, ownId, read, write } from '../../support/demo-pages.js';
import { startServer, type TestServer } from '../../support/server.js';
import { TcpProxy } from '../../support/tcp-proxy.js';

const LONGEST_WAIT_S = 5;

describe('demo page during a network failure', () => {
  let server: TestServer;
  let browser: Browser;
  let demo: DemoPages;
  let network: TcpProxy;

  beforeAll(async () => {
    server = await startServer();
    browser = await launchBrowser(FAKE_MEDIA);
  });

  beforeEach(async () => {
    demo = new DemoPages(browser);
    network = await TcpProxy.start(Number(new URL(server.url).port));
  });

  afterEach(async () => {
    await demo.closeAll();
    await TcpProxy.stopAll();
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  const joinOverNetwork = (room: string): Promise<Page> => demo.join(room, `http://127.0.0.1:${network.port}`);

  /** Stops the page's clock. Events still arrive, but no timer fires. */
  async function stopClock(page: Page): Promise<void> {
    await page.clock.install();
    await page.clock.pauseAt(Date.now() + 1000);
  }

  /** Resolves with the seconds that the page displays, as soon as it waits for its next attempt. */
  async function countdown(page: Page): Promise<number> {
    await page.getByRole('button', { name: 'Reconnect now' }).waitFor();
    const text = (await page.locator('#countdown').textContent()) ?? '';
    expect(text).toMatch(/^in \d+ s$/);
    return Number(text.split(' ')[1]);
  }

  it('detects a silent connection, keeps the call, and reconnects', async () => {
    const alice = await joinOverNetwork('silence');
    const bob = await demo.join('silence', server.url);
    await allConnected(alice, bob);

    network.cut('silent');
    await isIn(alice, 'reconnecting');
    await write(alice, 'Do you still hear me?');
    await read(bob, alice, 'Do you still hear me?');
    await write(bob, 'I do.');
    await read(alice, bob, 'I do.');

    network.heal();
    await isIn(alice, 'joined');
    await allConnected(alice, bob);
    await write(alice, 'I am back.');
    await read(bob, alice, 'I am back.');
    await alice.getByRole('button', { name: 'Reconnect now' }).waitFor({ state: 'hidden' });
  });

  it('keeps its id and its calls if the same connection answers again', async () => {
    const alice = await joinOverNetwork('pause');
    const bob = await demo.join('pause', server.url);
    await allConnected(alice, bob);
    const [id, tile] = [await ownId(alice), await alice.locator('[data-peer]').elementHandle()];
    await stopClock(alice);

    network.cut('silent');
    await alice.evaluate(`dispatchEvent(new Event('offline'))`);
    await isIn(alice, 'reconnecting');
    network.heal();
    await isIn(alice, 'joined');
    expect(await ownId(alice)).toBe(id);
    expect(await tile?.isVisible()).toBe(true);
    await allConnected(alice, bob);
  });

  it('displays the delay of at most some seconds, and reconnects at once on request', async () => {
    const page = await joinOverNetwork('button');
    await stopClock(page);
    network.cut('broken');
    for (let attempt = 1; attempt <= 6; attempt++) {
      const seconds = await countdown(page);
      expect(seconds).toBeLessThanOrEqual(LONGEST_WAIT_S);
      await page.clock.runFor(seconds * 1000);
      await isIn(page, 'reconnecting');
    }
    await countdown(page);
    network.heal();
    await page.getByRole('button', { name: 'Reconnect now' }).click();
    await isIn(page, 'joined');
    expect(await page.locator('#retry').isVisible()).toBe(false);
  });

  it('reconnects at once when the browser is online again', async () => {
    const page = await joinOverNetwork('online');
    await stopClock(page);
    network.cut('broken');
    await countdown(page);
    await page.context().setOffline(true);
    network.heal();
    await page.context().setOffline(false);
    await isIn(page, 'joined');
  });
});
