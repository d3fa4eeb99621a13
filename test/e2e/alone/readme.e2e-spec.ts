import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../../support/browser.js';
import { startServer, type TestServer } from '../../support/server.js';

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const PEERJS = createRequire(import.meta.url).resolve('peerjs/dist/peerjs.min.js');
const PEERJS_URL = 'https://unpkg.com/peerjs@1.5.5/dist/peerjs.min.js';

describe("the README's examples", () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-readme-'));
  let server: TestServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await startServer({ iceServers: [] });
    browser = await launchBrowser();
  });

  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await browser.close();
    await server.close();
  });

  /** Returns the first code block of the language that contains the words, with the test server's address. */
  function example(language: 'html' | 'js', words: string): string {
    const blocks = [...README.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, 'g'))].map(([, code]) => code);
    const code = blocks.find((block) => block.includes(words)) ?? '';
    expect(code).toContain('localhost');
    return code
      .replaceAll('localhost:9000', `127.0.0.1:${server.port}`)
      .replace("host: 'localhost', port: 9000", `host: '127.0.0.1', port: ${server.port}`);
  }

  /** Resolves when the page's peer sends hello. */
  const hello = (page: Page): Promise<unknown> =>
    page.waitForEvent('console', (message) => message.text() === 'Peer says: Hello!');

  /** Opens a page with only the example in it, from a file. */
  async function open(name: string, html: string): Promise<Promise<unknown>> {
    const file = join(folder, `${name}.html`);
    writeFileSync(file, html);
    const page = await browser.newPage();
    await page.route(PEERJS_URL, (route) => route.fulfill({ path: PEERJS }));
    const heard = hello(page);
    await page.goto(pathToFileURL(file).href);
    return heard;
  }

  it('connects two PeerJS peers of a page', async () => {
    const html = example('html', 'new Peer(');
    expect(html).toContain(PEERJS_URL);
    await open('peerjs', html);
  });

  it('connects two EasyRTC pages', async () => {
    const html = example('html', 'easyrtc.connect');
    const heard = [open('easyrtc', html), open('easyrtc', html)];
    expect(await Promise.all(heard)).toHaveLength(2);
  });

  it('connects two pages over a plain WebSocket', async () => {
    const script = example('js', 'new WebSocket');
    const heard = [];
    for (let i = 0; i < 2; i++) {
      const page = await browser.newPage();
      await page.goto(server.url);
      heard.push(hello(page));
      await page.addScriptTag({ content: script });
    }
    expect(await Promise.all(heard)).toHaveLength(2);
  });
});
