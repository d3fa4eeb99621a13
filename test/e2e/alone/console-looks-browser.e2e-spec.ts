import type { Browser } from 'playwright-core';
import { type AdminServer, OPERATE_TOKEN, startAdminServer } from '../../support/admin-api.js';
import { launchBrowser } from '../../support/browser.js';
import { ConsolePage } from '../../support/console-page.js';
import { makeRoom, Visitors } from '../../support/visitors.js';
import { WEBHOOK_SECRET } from '../../support/webhook-receiver.js';

const SIZES = [
  { width: 375, height: 812 },
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const;

describe('every screen of the console', () => {
  let browser: Browser;
  let server: AdminServer;
  /** Addresses of the screens, with a text that is there as soon as a screen has its data. */
  let screens: Readonly<Record<string, string>>;

  beforeAll(async () => {
    browser = await launchBrowser();
    server = await startAdminServer({ webhooks: [{ url: 'http://127.0.0.1:9/hooks', secret: WEBHOOK_SECRET }] });
    const visitors = new Visitors(server, server.api);
    const [ann, bob] = await visitors.connectors(2);
    await visitors.peer('a-client-with-a-name-that-is-much-longer-than-the-others-and-has-no-place-to-break');
    await makeRoom('den', ann, bob);
    await server.api.post('blocks', { address: '203.0.113.9', seconds: 600, reason: 'spam' });
    screens = {
      '#/overview': 'Memory (RSS)',
      '#/clients': '3 clients',
      '#/clients?address=127.0.0.1': 'Disconnect all of address 127.0.0.1',
      [`#/clients/default/${ann.id}`]: 'client.connected',
      '#/rooms': '1 room',
      '#/rooms/default/den': bob.id,
      '#/rooms/default/none': 'This room does not exist.',
      '#/blocks': '203.0.113.9',
      '#/nodes': 'Loop delay',
      '#/live': 'Live.',
      '#/webhooks': 'http://127.0.0.1:9/hooks',
      '#/config': 'maxEventLoopDelayMs',
      '#/search?q=a-client': 'Clients by id',
      '#/nowhere': 'Not found',
    };
  });
  afterAll(() => browser.close());

  const each = async (console: ConsolePage, check: (hash: string) => Promise<void>) => {
    for (const [hash, text] of Object.entries(screens)) {
      await console.go(hash);
      await console.page.getByRole('main').getByText(text).first().waitFor();
      await check(hash);
    }
  };

  it.each([
    ['light', 'phone', SIZES[0]],
    ['light', 'desktop', SIZES[1]],
    ['dark', 'phone', SIZES[0]],
    ['dark', 'desktop', SIZES[1]],
  ] as const)('has nothing for axe to find in %s colours, on a %s', async (colorScheme, _, viewport) => {
    const console = await ConsolePage.open(browser, server.url, { viewport, colorScheme });
    await console.page.getByLabel('Admin token').waitFor();
    expect(await console.violations()).toEqual([]);
    await console.enter(OPERATE_TOKEN);
    await each(console, async (hash) => expect([hash, await console.violations()]).toEqual([hash, []]));
    await console.go('#/rooms');
    await console.button('Create a room').click();
    await console.page.getByRole('dialog').waitFor();
    expect(await console.violations()).toEqual([]);
  });

  it.each(SIZES)('is no wider than a window of $width pixels, and violates no policy', async (viewport) => {
    const console = await ConsolePage.logIn(browser, server.url, OPERATE_TOKEN, { viewport });
    await each(console, async (hash) => expect([hash, await console.overflow()]).toEqual([hash, 0]));
    expect(console.problems).toEqual([]);
  });

  it('can be used with the keyboard alone', async () => {
    const console = await ConsolePage.logIn(browser, server.url, OPERATE_TOKEN);
    const { keyboard } = console.page;
    const focused = () => console.page.evaluate<string>('document.activeElement.textContent.trim()');
    await console.page.evaluate('document.activeElement.blur()');
    await keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the content');
    await keyboard.press('Enter');
    expect(await console.page.evaluate('document.activeElement.id')).toBe('main');
    await console.go('#/nodes');
    const drain = console.button('Drain node-1');
    await drain.focus();
    await keyboard.press('Enter');
    await console.page.getByRole('dialog').waitFor();
    expect(await focused()).toBe('Cancel');
    await keyboard.press('Escape');
    await console.page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await console.page.evaluate('document.activeElement.ariaLabel')).toBe('Drain node-1');
  });
});
