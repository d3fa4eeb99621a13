import type { Browser, Page } from 'playwright-core';
import { FAKE_MEDIA, launchBrowser, NO_CAMERA } from '../../support/browser.js';
import { allConnected, DemoPages, isIn, ownId, read, write } from '../../support/demo-pages.js';
import { startServer, type TestServer } from '../../support/server.js';

describe('demo page', () => {
  let server: TestServer;
  let browser: Browser;
  let demo: DemoPages;

  beforeAll(async () => {
    server = await startServer();
  });

  afterAll(() => server.close());

  beforeEach(() => {
    demo = new DemoPages(browser);
  });

  const join = (room: string, on = server): Promise<Page> => demo.join(room, on.url);

  describe('with camera and microphone', () => {
    beforeAll(async () => {
      browser = await launchBrowser(FAKE_MEDIA);
    });

    afterEach(async () => {
      await demo.closeAll();
      expect(demo.problems).toEqual([]);
    });

    afterAll(() => browser.close());

    it('connects everyone in the room, sends text both ways, and removes a member within a second of its page closing', async () => {
      const alice = await join('standup');
      const bob = await join('standup');
      await allConnected(alice, bob);
      await write(alice, 'Hello Bob');
      await read(bob, alice, 'Hello Bob');
      await write(bob, '<b>Hello</b> Alice');
      await read(alice, bob, '<b>Hello</b> Alice');

      const carol = await join('standup');
      await allConnected(alice, bob, carol);
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
    });

    it('shows each member the video of the others', async () => {
      const pages = [await join('pictures'), await join('pictures')];
      await Promise.all(pages.map((page) => page.locator('[data-peer].has-video').waitFor()));
      for (const page of pages) {
        expect(await page.locator('#notice').textContent()).not.toContain('camera');
      }
    });

    it('keeps rooms apart', async () => {
      const here = [await join('here'), await join('here')];
      const elsewhere = await join('elsewhere');
      await allConnected(here[0], here[1]);
      expect(await elsewhere.locator('[data-peer]').count()).toBe(0);
      expect(await here[0].locator('[data-peer]').count()).toBe(1);
    });

    it('reconnects after the server has restarted', async () => {
      const first = await startServer();
      const port = Number(new URL(first.url).port);
      const pages = [await join('restart', first), await join('restart', first)];
      const [alice, bob] = pages;
      await allConnected(alice, bob);
      const idBefore = await ownId(alice);
      await first.close();
      await Promise.all(pages.map((page) => isIn(page, 'reconnecting')));

      const second = await startServer({ port });
      try {
        await Promise.all(pages.map((page) => isIn(page, 'joined')));
        await allConnected(alice, bob);
        expect(await ownId(alice)).not.toBe(idBefore);
        await write(alice, 'Still there?');
        await read(bob, alice, 'Still there?');
      } finally {
        await demo.closeAll();
        await second.close();
      }
      // The browser reports each attempt that failed, or that the stopping server refused.
      demo.forgive('WebSocket connection to');
    });

    it('works with a trailing slash in its address, and with another path of the WebSocket', async () => {
      const elsewhere = await startServer({ connectorPath: '/signal/here' });
      try {
        const pages = [await demo.open(`${elsewhere.url}/demo/?room=slash`), await join('slash', elsewhere)];
        await allConnected(pages[0], pages[1]);
      } finally {
        await demo.closeAll();
        await elsewhere.close();
      }
    });

    it('asks for a room if the address names none, and adds it to the address', async () => {
      const alice = await demo.open(`${server.url}/demo`);
      expect(await alice.locator('#call').isVisible()).toBe(false);
      await alice.getByLabel('Room name').fill('from the form');
      await alice.locator('#room-form [type="submit"]').click();
      await isIn(alice, 'joined');
      await alice.locator('main:focus', { has: alice.getByRole('log') }).waitFor();
      expect(await alice.locator('#room-form').isVisible()).toBe(false);
      expect(await alice.locator('#room-title').textContent()).toBe('from the form');
      expect(new URL(alice.url()).searchParams.get('room')).toBe('from the form');

      const bob = await join('from%20the%20form');
      await allConnected(alice, bob);
    });

    it('generates distinct room names', async () => {
      const page = await demo.open(`${server.url}/demo`);
      const generate = async (): Promise<string> => {
        await page.locator('#generate').click();
        return page.getByLabel('Room name').inputValue();
      };
      const names = [await generate(), await generate()];
      expect(names[0]).toMatch(/^\w{4}-\w{4}-\w{4}$/);
      expect(names[0]).not.toBe(names[1]);
    });
  });

  describe('without a camera', () => {
    beforeAll(async () => {
      browser = await launchBrowser(NO_CAMERA);
    });

    afterEach(async () => {
      await demo.closeAll();
      expect(demo.problems).toEqual([]);
    });

    afterAll(() => browser.close());

    it('reports the missing camera, and connects all the same', async () => {
      const alice = await join('no-camera');
      const bob = await join('no-camera');
      for (const page of [alice, bob]) await page.locator('#notice', { hasText: 'No camera' }).waitFor();
      await allConnected(alice, bob);
      await write(alice, 'Can you read me?');
      await read(bob, alice, 'Can you read me?');
    });
  });
});
