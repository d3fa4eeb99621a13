import type { Browser, Page } from 'playwright-core';
import { FAKE_MEDIA, launchBrowser, NO_CAMERA } from '../support/browser.js';
import { startServer, type TestServer } from '../support/server.js';

const TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 15_000;

describe('demo page', () => {
  let server: TestServer;
  let browser: Browser;
  let problems: string[];

  beforeAll(async () => {
    server = await startServer();
  }, TIMEOUT_MS);

  afterAll(() => server.close(), TIMEOUT_MS);

  beforeEach(() => {
    problems = [];
  });

  /** Each page has a context of its own, like another person's browser. What it reports as wrong fails the test. */
  async function openPage(path: string, { url } = server): Promise<Page> {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(CONNECT_TIMEOUT_MS);
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) problems.push(message.text());
    });
    await page.goto(url + path);
    return page;
  }

  async function join(room: string, on = server): Promise<Page> {
    const page = await openPage(`/demo?room=${room}`, on);
    await page.locator('body[data-state="joined"]').waitFor();
    return page;
  }

  async function ownId(page: Page): Promise<string> {
    return (await page.locator('body').getAttribute('data-id')) ?? '';
  }

  async function connected(page: Page, other: Page): Promise<void> {
    await page.locator(`[data-peer="${await ownId(other)}"][data-channel="open"]`).waitFor();
  }

  async function write(page: Page, text: string): Promise<void> {
    await page.locator('#chat-text').fill(text);
    await page.locator('#chat-form button').click();
  }

  async function read(page: Page, from: Page, text: string): Promise<void> {
    await page.locator(`li[data-from="${await ownId(from)}"]`, { hasText: text }).waitFor();
  }

  async function closeContexts(): Promise<void> {
    await Promise.all(browser.contexts().map((context) => context.close()));
  }

  describe('with camera and microphone', () => {
    beforeAll(async () => {
      browser = await launchBrowser(FAKE_MEDIA);
    }, TIMEOUT_MS);

    afterEach(async () => {
      await closeContexts();
      expect(problems).toEqual([]);
    });

    afterAll(() => browser.close(), TIMEOUT_MS);

    it(
      'connects everyone in the room, carries text both ways, and forgets who closes the page within a second',
      async () => {
        const alice = await join('standup');
        const bob = await join('standup');
        await Promise.all([connected(alice, bob), connected(bob, alice)]);
        await write(alice, 'Hello Bob');
        await read(bob, alice, 'Hello Bob');
        await write(bob, '<b>Hello</b> Alice');
        await read(alice, bob, '<b>Hello</b> Alice');

        const carol = await join('standup');
        await Promise.all([
          connected(alice, carol),
          connected(bob, carol),
          connected(carol, alice),
          connected(carol, bob),
        ]);
        await write(carol, 'Hello both');
        await Promise.all([read(alice, carol, 'Hello both'), read(bob, carol, 'Hello both')]);

        const bobsTile = `[data-peer="${await ownId(bob)}"]`;
        await bob.close();
        await Promise.all(
          [alice, carol].map((page) => page.locator(bobsTile).waitFor({ state: 'detached', timeout: 1000 })),
        );
        await write(alice, 'Bye Bob');
        await read(carol, alice, 'Bye Bob');
        expect(await alice.locator('[data-peer]').count()).toBe(1);
      },
      TIMEOUT_MS,
    );

    it(
      'shows the others their picture',
      async () => {
        const pages = [await join('pictures'), await join('pictures')];
        await Promise.all(pages.map((page) => page.locator('[data-peer].has-video').waitFor()));
        for (const page of pages) {
          expect(await page.locator('#notice').textContent()).not.toContain('camera');
        }
      },
      TIMEOUT_MS,
    );

    it(
      'keeps rooms apart',
      async () => {
        const here = [await join('here'), await join('here')];
        const elsewhere = await join('elsewhere');
        await Promise.all([connected(here[0], here[1]), connected(here[1], here[0])]);
        expect(await elsewhere.locator('[data-peer]').count()).toBe(0);
        expect(await here[0].locator('[data-peer]').count()).toBe(1);
      },
      TIMEOUT_MS,
    );

    it(
      'comes back when the server was restarted',
      async () => {
        const first = await startServer();
        const port = Number(new URL(first.url).port);
        const pages = [await join('restart', first), await join('restart', first)];
        const [alice, bob] = pages;
        await Promise.all([connected(alice, bob), connected(bob, alice)]);
        const idBefore = await ownId(alice);
        await first.close();
        await Promise.all(pages.map((page) => page.locator('body[data-state="reconnecting"]').waitFor()));

        const second = await startServer({ port });
        try {
          await Promise.all(pages.map((page) => page.locator('body[data-state="joined"]').waitFor()));
          await Promise.all([connected(alice, bob), connected(bob, alice)]);
          expect(await ownId(alice)).not.toBe(idBefore);
          await write(alice, 'Still there?');
          await read(bob, alice, 'Still there?');
        } finally {
          await closeContexts();
          await second.close();
        }
        // The browser reports each attempt that nobody answered.
        problems = problems.filter((problem) => !problem.includes('ERR_CONNECTION_REFUSED'));
      },
      TIMEOUT_MS,
    );

    it(
      'works with a slash at the end of its address, and where the WebSocket has another path',
      async () => {
        const elsewhere = await startServer({ connectorPath: '/signal/here' });
        try {
          const pages = [await openPage('/demo/?room=slash', elsewhere), await join('slash', elsewhere)];
          await Promise.all([connected(pages[0], pages[1]), connected(pages[1], pages[0])]);
        } finally {
          await closeContexts();
          await elsewhere.close();
        }
      },
      TIMEOUT_MS,
    );

    it(
      'asks for a room if the address names none, and puts it into the address',
      async () => {
        const alice = await openPage('/demo');
        expect(await alice.locator('#call').isVisible()).toBe(false);
        await alice.getByLabel('Room name').fill('from the form');
        await alice.locator('#room-form [type="submit"]').click();
        await alice.locator('body[data-state="joined"]').waitFor();
        expect(await alice.locator('#room-form').isVisible()).toBe(false);
        expect(await alice.locator('#room-title').textContent()).toBe('from the form');
        expect(new URL(alice.url()).searchParams.get('room')).toBe('from the form');

        const bob = await join('from%20the%20form');
        await Promise.all([connected(alice, bob), connected(bob, alice)]);
      },
      TIMEOUT_MS,
    );

    it(
      'generates room names that differ',
      async () => {
        const page = await openPage('/demo');
        const generate = async (): Promise<string> => {
          await page.locator('#generate').click();
          return page.getByLabel('Room name').inputValue();
        };
        const names = [await generate(), await generate()];
        expect(names[0]).toMatch(/^\w{4}-\w{4}-\w{4}$/);
        expect(names[0]).not.toBe(names[1]);
      },
      TIMEOUT_MS,
    );
  });

  describe('without a camera', () => {
    beforeAll(async () => {
      browser = await launchBrowser(NO_CAMERA);
    }, TIMEOUT_MS);

    afterEach(async () => {
      await closeContexts();
      expect(problems).toEqual([]);
    });

    afterAll(() => browser.close(), TIMEOUT_MS);

    it(
      'says so, and connects all the same',
      async () => {
        const alice = await join('no-camera');
        const bob = await join('no-camera');
        for (const page of [alice, bob]) await page.locator('#notice', { hasText: 'No camera' }).waitFor();
        await Promise.all([connected(alice, bob), connected(bob, alice)]);
        await write(alice, 'Can you read me?');
        await read(bob, alice, 'Can you read me?');
      },
      TIMEOUT_MS,
    );
  });
});
