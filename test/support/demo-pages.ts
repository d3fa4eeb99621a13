import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { PATIENCE_MS } from './patience.js';

/**
 * Message of the browser when the page aborts an attempt because its silent connection answers again, as under load.
 */
const GIVEN_UP = 'WebSocket is closed before the connection is established';

/** Demo pages of one browser, each in a context of its own, like another user's browser. */
export class DemoPages {
  /** Errors that the pages have reported. */
  problems: string[] = [];

  constructor(private readonly browser: Browser) {}

  async open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext(options);
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => this.problems.push(error.message));
    page.on('console', (message) => {
      const isBad = ['error', 'warning'].includes(message.type());
      if (isBad && !message.text().includes(GIVEN_UP)) this.problems.push(message.text());
    });
    await page.goto(url);
    return page;
  }

  /** @param url of the server, or of a proxy in front of it */
  async join(room: string, url: string, options?: BrowserContextOptions): Promise<Page> {
    const page = await this.open(`${url}/demo?room=${room}`, options);
    await isIn(page, 'joined');
    return page;
  }

  /** Removes the problems that contain this text. */
  forgive(text: string): void {
    this.problems = this.problems.filter((problem) => !problem.includes(text));
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.browser.contexts().map((context) => context.close()));
  }
}

/** Resolves as soon as the page displays this state of its signaling. */
export async function isIn(page: Page, state: 'joined' | 'reconnecting'): Promise<void> {
  await page.locator(`body[data-state="${state}"]`).waitFor();
}

export async function ownId(page: Page): Promise<string> {
  return (await page.locator('body').getAttribute('data-id')) ?? '';
}

/** Resolves as soon as all of these pages are connected with one another. */
export async function allConnected(...pages: Page[]): Promise<void> {
  await Promise.all(
    pages.flatMap((page) => pages.filter((other) => other !== page).map((other) => connected(page, other))),
  );
}

async function connected(page: Page, other: Page): Promise<void> {
  await page.locator(`[data-peer="${await ownId(other)}"][data-channel="open"]`).waitFor();
}

export async function write(page: Page, text: string): Promise<void> {
  await page.locator('#chat-text').fill(text);
  await page.locator('#chat-form button').click();
}

export async function read(page: Page, from: Page, text: string): Promise<void> {
  await page.locator(`li[data-from="${await ownId(from)}"]`, { hasText: text }).waitFor();
}
