import type { Browser, Page } from 'playwright-core';
import { becomes } from '../../support/becomes.js';
import { FAKE_MEDIA, launchBrowser } from '../../support/browser.js';
import { allConnected, DemoPages } from '../../support/demo-pages.js';
import { startServer, type TestServer } from '../../support/server.js';

const MOST_PEOPLE = 16;
const SIZES = [
  { width: 375, height: 667 },
  { width: 667, height: 375 },
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const;

/** Minimum size of a tile in which a face is recognizable. */
const MIN_WIDTH_PX = 90;
const MIN_HEIGHT_PX = 50;

interface Box {
  readonly name: string;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Layout {
  readonly tiles: readonly Box[];
  /** Boxes that must not overlap a tile. */
  readonly others: readonly Box[];
  /** Area in which tiles are visible, and whether the area can scroll to the rest. */
  readonly area: Box;
  readonly scrolls: boolean;
  readonly pageScrolls: boolean;
}

/** The part of the browser's API that the page functions use. */
interface PageElement {
  readonly id: string;
  readonly className: string;
  readonly clientWidth: number;
  readonly clientHeight: number;
  readonly scrollWidth: number;
  readonly scrollHeight: number;
  getBoundingClientRect(): Omit<Box, 'name'>;
}
declare const document: {
  readonly documentElement: PageElement;
  getElementById(id: string): PageElement;
  querySelectorAll(selectors: string): Iterable<PageElement>;
};
declare function requestAnimationFrame(callback: (value: unknown) => void): void;

/** Runs in the page. */
function measure(): Layout {
  const box = (element: PageElement, at = 0): Box => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return { name: `${element.id}${element.className} ${at}`, left, top, right, bottom };
  };
  const area = document.getElementById('tiles-area');
  const page = document.documentElement;
  return {
    tiles: [...document.querySelectorAll('.tile')].map(box),
    others: [...document.querySelectorAll('header, #notice, #controls button, #chat')].map(box),
    area: box(area),
    scrolls: area.scrollHeight > area.clientHeight,
    pageScrolls: page.scrollHeight > page.clientHeight || page.scrollWidth > page.clientWidth,
  };
}

const intersect = (one: Box, other: Box): boolean =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

/** Returns the visible part of a box. */
const seenIn = (area: Box, box: Box): Box => ({
  name: box.name,
  left: Math.max(box.left, area.left),
  top: Math.max(box.top, area.top),
  right: Math.min(box.right, area.right),
  bottom: Math.min(box.bottom, area.bottom),
});

/** Returns the faults of a layout. */
function faults({ tiles, others, area, scrolls, pageScrolls }: Layout): string[] {
  const found: string[] = [];
  if (pageScrolls) found.push('the page scrolls');
  for (const [at, tile] of tiles.entries()) {
    const [width, height] = [tile.right - tile.left, tile.bottom - tile.top];
    if (width < MIN_WIDTH_PX || height < MIN_HEIGHT_PX) found.push(`${tile.name} has only ${width}x${height}`);
    if (width > 2 * height) found.push(`${tile.name} is too flat: ${width}x${height}`);
    for (const other of tiles.slice(at + 1)) if (intersect(tile, other)) found.push(`${tile.name} on ${other.name}`);
    for (const other of others) {
      if (intersect(seenIn(area, tile), other)) found.push(`${other.name} covers ${tile.name}`);
    }
    if (tile.left < area.left || tile.right > area.right) found.push(`${tile.name} is cut off`);
    if (tile.top < area.top || (tile.bottom > area.bottom && !scrolls)) found.push(`${tile.name} is out of reach`);
  }
  return found;
}

describe('tiles of the demo page', () => {
  let server: TestServer;
  let browser: Browser;
  let demo: DemoPages;

  beforeAll(async () => {
    server = await startServer();
    browser = await launchBrowser(FAKE_MEDIA);
    demo = new DemoPages(browser);
  });

  afterEach(() => demo.closeAll());

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  /** Adds tiles as the page does for members. Returns the faults for each number of people. */
  async function fill(page: Page): Promise<Record<number, string[]>> {
    const wrong: Record<number, string[]> = {};
    for (let people = 2; people <= MOST_PEOPLE; people++) {
      await page.evaluate(async (name) => {
        const tiles = '/demo/tiles.js';
        const { addTile } = (await import(tiles)) as { addTile: (name: string, id: string) => unknown };
        addTile(name, name);
        // The layout updates before the next frame is painted.
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      }, `peer${people}`);
      const layout = await page.evaluate(measure);
      expect(layout.tiles).toHaveLength(people);
      const found = faults(layout);
      if (found.length > 0) wrong[people] = found;
    }
    return wrong;
  }

  it.each(SIZES)('do not overlap for 2 to 16 people at $width x $height', async (viewport) => {
    const page = await demo.join('many', server.url, { viewport });
    expect(await fill(page)).toEqual({});
    expect(demo.problems).toEqual([]);
  });

  it('are laid out again when the screen is rotated', async () => {
    const [upright, lying] = SIZES;
    const page = await demo.join('turned', server.url, { viewport: upright });
    await fill(page);
    await page.setViewportSize(lying);
    await becomes(async () => faults(await page.evaluate(measure)), []);
  });

  it('do not overlap when they show video', async () => {
    const [viewport] = SIZES;
    const pages: Page[] = [];
    for (let people = 1; people <= 4; people++) pages.push(await demo.join('real', server.url, { viewport }));
    await allConnected(...pages);
    for (const page of pages) {
      expect(faults(await page.evaluate(measure))).toEqual([]);
    }
  });
});
