import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../support/browser.js';
import { startServer, type TestServer } from '../support/server.js';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

describe("the README's example", () => {
  let server: TestServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await startServer();
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  it('connects two pages when it is pasted into both', async () => {
    const example = /```js\n([\s\S]*?)```/.exec(README)?.[1] ?? '';
    const script = example.replace('ws://localhost:9000', server.wsUrl);
    expect(script).toContain(server.wsUrl);
    const heard = [];
    for (let i = 0; i < 2; i++) {
      const page = await browser.newPage();
      await page.goto(server.url);
      heard.push(page.waitForEvent('console', (message) => message.text() === 'Peer says: Hello!'));
      await page.addScriptTag({ content: script });
    }
    expect(await Promise.all(heard)).toHaveLength(2);
  });
});
