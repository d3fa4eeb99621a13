import type { Browser, Page } from 'playwright-core';
import { FAKE_MEDIA, launchBrowser } from '../../support/browser.js';
import { allConnected, DemoPages, isIn, read, write } from '../../support/demo-pages.js';
import { secretToken } from '../../support/issuer.js';
import { startServer, type TestServer } from '../../support/server.js';

const SECRET = 'a secret of enough characters';

describe('demo page with realms', () => {
  let server: TestServer;
  let browser: Browser;
  let demo: DemoPages;

  beforeAll(async () => {
    server = await startServer({
      realms: {
        peers: { peerjsKeys: ['peers'] },
        acme: { connectorPath: '/acme' },
        strict: { connectorPath: '/strict', auth: { mode: 'jwt', jwt: { secret: SECRET } } },
      },
    });
    browser = await launchBrowser(FAKE_MEDIA);
    demo = new DemoPages(browser);
  });

  afterEach(async () => {
    await demo.closeAll();
    expect(demo.problems).toEqual([]);
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function failure(page: Page): Promise<string | null> {
    await page.locator('body[data-state="failed"]').waitFor();
    return page.locator('#notice p').first().textContent();
  }

  it('connects in the first realm with a path, or in the one that its address names', async () => {
    const pages = [await demo.join('hall', server.url), await demo.open(`${server.url}/demo?realm=acme&room=hall`)];
    await allConnected(pages[0], pages[1]);
  });

  it('prefers the realm default', async () => {
    const other = await startServer({
      realms: { acme: { connectorPath: '/acme' }, default: { connectorPath: '/d' } },
    });
    try {
      const page = await demo.open(`${other.url}/demo`);
      expect(await page.locator('body').getAttribute('data-signaling')).toBe('./d');
    } finally {
      await other.close();
    }
  });

  it('says that a realm has no path', async () => {
    const text = 'This page cannot connect: this server has no realm peers with a connectorPath.';
    expect(await failure(await demo.open(`${server.url}/demo?realm=peers&room=hall`))).toContain(text);
  });

  it('says that no realm has one', async () => {
    const other = await startServer({ realms: { peers: { peerjsKeys: ['peers'] } } });
    try {
      const text = 'This page cannot connect: no realm of this server has a connectorPath.';
      expect(await failure(await demo.open(`${other.url}/demo?room=hall`))).toContain(text);
    } finally {
      await other.close();
    }
  });

  it('says that the realm asks for a token, and takes one from its address', async () => {
    const url = `${server.url}/demo?realm=strict&room=hall`;
    const alice = await demo.open(url);
    expect(await failure(alice)).toContain('A valid token is required. Open this page with #token=…');

    const token = await secretToken(SECRET, { sub: 'alice' });
    await alice.goto(`${url}#token=${token}`);
    await isIn(alice, 'joined');
    expect(new URL(alice.url()).hash).toBe(`#token=${token}`);
    const bob = await demo.open(`${url}#token=${await secretToken(SECRET, { sub: 'bob' })}`);
    await allConnected(alice, bob);
    await write(bob, 'Hello Alice');
    await read(alice, bob, 'Hello Alice');
  });
});
