import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from './browser.js';
import { PATIENCE_MS } from './patience.js';

/**
 * Pages of one Chromium, each in a context of its own like another browser. Later tests reuse released pages: a new
 * document takes a quarter of the time of a new context and its process.
 */
export class PagePool {
  /** Uncaught errors of all pages, and what pages pass to `reportProblem`. */
  readonly problems: string[] = [];
  private readonly taken = new Set<Page>();
  private idle: Page[] = [];

  private constructor(readonly browser: Browser) {}

  static async launch(args: string[] = []): Promise<PagePool> {
    return new PagePool(await launchBrowser(args));
  }

  /** Returns a page with the document at this URL. */
  async open(url: string): Promise<Page> {
    const page = this.idle.pop() ?? (await this.create());
    this.taken.add(page);
    await page.goto(url);
    return page;
  }

  /** Unloads the documents of all pages, and keeps the pages that no test has closed or crashed. */
  async releaseAll(): Promise<void> {
    await Promise.all([...this.taken].map((page) => this.release(page)));
  }

  async release(page: Page): Promise<void> {
    if (!this.taken.delete(page)) return;
    page.removeAllListeners('websocket');
    await page.goto('about:blank');
    this.idle.push(page);
  }

  close(): Promise<void> {
    return this.browser.close();
  }

  private async create(): Promise<Page> {
    const context = await this.browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => this.problems.push(error.stack ?? error.message));
    page.on('crash', () => {
      this.taken.delete(page);
      void context.close();
    });
    page.on('close', () => {
      this.taken.delete(page);
      this.idle = this.idle.filter((other) => other !== page);
    });
    await page.exposeFunction('reportProblem', (problem: string) => void this.problems.push(problem));
    return page;
  }
}
