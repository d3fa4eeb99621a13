import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { PATIENCE_MS } from './patience.js';
import { atTeardown } from './teardown.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** The browser's line about a response that is not a success, which the page shows in its own words. */
const NOT_OK = 'Failed to load resource';

/** A screen, with the title of its page. */
export type Screen = 'Overview' | 'Clients' | 'Rooms' | 'Blocks' | 'Nodes' | 'Live' | 'Webhooks' | 'Configuration';

/** The console in a browser, with what it has requested and what the browser has complained about. */
export class ConsolePage {
  /** Violations of the content security policy, and errors of scripts. */
  readonly problems: string[] = [];
  /** All URLs that the page has requested, and its own addresses. */
  readonly urls: string[] = [];

  private constructor(readonly page: Page) {
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', ({ message }) => this.problems.push(message));
    page.on('console', (message) => {
      const isBad = ['error', 'warning'].includes(message.type());
      if (isBad && !message.text().includes(NOT_OK)) this.problems.push(message.text());
    });
    page.on('framenavigated', (frame) => this.urls.push(frame.url()));
    page.on('request', (request) => this.urls.push(request.url()));
  }

  /** Opens the login. The page is closed after the test. */
  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<ConsolePage> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    atTeardown(() => context.close());
    const opened = new ConsolePage(await context.newPage());
    await opened.page.goto(`${url}/console`);
    return opened;
  }

  /** Opens the console and logs in. Resolves as soon as it shows the state of the server. */
  static async logIn(
    browser: Browser,
    url: string,
    token: string,
    options?: BrowserContextOptions,
  ): Promise<ConsolePage> {
    const opened = await ConsolePage.open(browser, url, options);
    await opened.enter(token);
    await opened.page.locator('#state', { hasText: /Live|Not ready/ }).waitFor();
    return opened;
  }

  async enter(token: string): Promise<void> {
    await this.page.getByLabel('Admin token').fill(token);
    await this.page.getByRole('button', { name: 'Log in' }).click();
  }

  async show(screen: Screen): Promise<void> {
    await this.page.getByRole('navigation').getByRole('link', { name: screen }).click();
    await this.page.getByRole('heading', { level: 1, name: screen }).waitFor();
  }

  /** Goes to an address of the router, such as `#/clients/default/ID`. */
  async go(hash: string): Promise<void> {
    await this.page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  }

  button(name: string | RegExp, isExact = true): ReturnType<Page['getByRole']> {
    return this.page.getByRole('button', { name, exact: isExact });
  }

  row(text: string): ReturnType<Page['getByRole']> {
    return this.page.getByRole('row').filter({ hasText: text });
  }

  /** Answers the open dialog: fills its fields and presses its button. */
  async answer(action: string, fields: Readonly<Record<string, string>> = {}): Promise<void> {
    const dialog = this.page.getByRole('dialog');
    for (const [label, value] of Object.entries(fields)) {
      const field = dialog.getByLabel(label);
      if ((await field.locator('option').count()) > 0) await field.selectOption(value);
      else await field.fill(value);
    }
    await dialog.getByRole('button', { name: action, exact: true }).click();
  }

  /** Resolves as soon as the page tells an outcome. */
  async hears(text: string | RegExp): Promise<void> {
    await this.page.locator('#notice', { hasText: text }).waitFor();
  }

  /** Returns the times of the requests to the API that have ended, in milliseconds since the page was opened. */
  requestTimes(): Promise<number[]> {
    return this.page.evaluate<number[]>(
      `performance.getEntriesByType('resource').filter(({ name }) => /[/](admin|health)[/]/.test(name))
        .map(({ startTime }) => startTime)`,
    );
  }

  /** Returns what axe finds, as "RULE ELEMENT". */
  async violations(): Promise<string[]> {
    await this.page.evaluate(AXE);
    return this.page.evaluate<string[]>(
      'axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id} ${html}`)))',
    );
  }

  /** Returns how much wider than the window the page is, in pixels. */
  overflow(): Promise<number> {
    return this.page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  }
}
