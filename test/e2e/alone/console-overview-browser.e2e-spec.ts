import type { Browser } from 'playwright-core';
import { type AdminServer, OPERATE_TOKEN, startAdminServer } from '../../support/admin-api.js';
import { launchBrowser } from '../../support/browser.js';
import { ConsolePage } from '../../support/console-page.js';
import { Visitors } from '../../support/visitors.js';
import { WEBHOOK_SECRET, WebhookReceiver } from '../../support/webhook-receiver.js';

const CHARTS = [
  'Connects in a second',
  'Disconnects in a second, by reason',
  'Refusals in a second, by status',
  'Frames in a second, in and out',
  'Time to handle a frame, p99',
  'Event loop delay, p99',
  'Memory (RSS)',
];
/** Twice as long as a visible page waits between two refreshes, and half as long as a hidden one does. */
const WATCHED_MS = 12_000;

interface Node {
  readonly name: string;
}

describe('the overview of the console', () => {
  let browser: Browser;
  let receiver: WebhookReceiver;
  let server: AdminServer;
  let visitors: Visitors;

  beforeAll(async () => {
    browser = await launchBrowser();
    receiver = await WebhookReceiver.start();
    server = await startAdminServer({ webhooks: [{ url: receiver.url, secret: WEBHOOK_SECRET }] });
    visitors = new Visitors(server, server.api);
  });
  afterEach(() => visitors.leave());
  afterAll(() => browser.close());

  /** Logs in to a page that gets some answers of the API changed. */
  async function openWith(changes: Readonly<Record<string, (body: never) => object>>): Promise<ConsolePage> {
    const console = await ConsolePage.open(browser, server.url);
    for (const [path, change] of Object.entries(changes)) {
      await console.page.route(`**/admin/v1/${path}`, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: change((await response.json()) as never) });
      });
    }
    await console.enter(OPERATE_TOKEN);
    return console;
  }

  /** A busy machine delays the event loop. */
  const calm = {
    nodes: ({ items }: { items: Node[] }) => ({
      items: items.map((node) => ({ ...node, eventLoopDelayMs: 20 })),
      unreachable: [],
    }),
  };

  it('has the last 15 minutes as lines, and everything within bounds', async () => {
    await visitors.connectors(2);
    const console = await openWith(calm);
    await console.page.getByText('Everything is within bounds.').waitFor();
    for (const name of CHARTS) await console.page.getByRole('figure', { name, exact: true }).waitFor();
    const memory = console.page.getByRole('figure').filter({ hasText: 'Memory (RSS)' });
    await memory.getByText(/node-1: [\d.]+ MB/).waitFor();
    await memory.locator('canvas').waitFor();
    expect(console.problems).toEqual([]);
  });

  it('says in words what is out of bounds', async () => {
    const console = await openWith({
      stats: (stats) => ({
        ...(stats as object),
        isReady: false,
        notReady: [{ node: 'node-1', checks: ['backplane'] }],
        unreachable: ['node-2'],
        backplane: 'down',
        refusedPerSecond: 31.5,
      }),
      nodes: ({ items }: { items: Node[] }) => ({
        items: items.map((node) => ({ ...node, eventLoopDelayMs: 180, rssBytes: 90e12 })),
        unreachable: ['node-2'],
      }),
      webhooks: ({ items }: { items: object[] }) => ({
        items: items.map((each) => ({ ...each, state: 'failing', waiting: 7, lastError: { problem: 'status 500' } })),
      }),
    });
    const state = console.page.locator('#state');
    await state.filter({ hasText: 'Not ready: node-1: Redis does not answer; node-2 does not answer' }).waitFor();
    for (const text of [
      'Redis does not answer.',
      'Node node-2 does not answer.',
      'Node node-1 has an event loop delay of 180 ms.',
      '31.5 clients are refused in a second.',
      'fails (status 500), 7 events wait.',
    ]) {
      await console.page.getByRole('listitem').filter({ hasText: text }).waitFor();
    }
    await console.show('Nodes');
    await console.row('node-2').filter({ hasText: 'unreachable' }).waitFor();
    expect(await console.row('node-2').getByRole('button').count()).toBe(0);
  });

  it('says that the server does not answer, and goes on when it does', async () => {
    const console = await openWith({});
    const state = console.page.locator('#state');
    await state.filter({ hasText: /^Live$/ }).waitFor();
    await console.page.route('**/admin/v1/**', (route) => route.abort());
    await state.filter({ hasText: 'No answer: The server cannot be reached.' }).waitFor();
    await console.page.unrouteAll();
    await state.filter({ hasText: /^Live$/ }).waitFor();
  });

  it('asks less often while nobody sees the page', async () => {
    const console = await openWith(calm);
    await console.page.getByText('Everything is within bounds.').waitFor();
    const requestsIn = async (ms: number) => {
      const before = (await console.requestTimes()).length;
      await console.page.waitForTimeout(ms);
      return (await console.requestTimes()).length - before;
    };
    expect(await requestsIn(WATCHED_MS)).toBeGreaterThan(3);
    await console.page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })");
    // The refreshes that were waiting already.
    await requestsIn(WATCHED_MS);
    expect(await requestsIn(WATCHED_MS)).toBeLessThanOrEqual(4);
  });
});
