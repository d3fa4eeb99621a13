import type { Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { becomes } from '../support/becomes.js';
import { PackedApp, type RunningApp } from '../support/packed-app.js';
import { PagePool } from '../support/page-pool.js';
import { RedisServer } from '../support/redis-server.js';
import { atTeardown } from '../support/teardown.js';

/** Opens the example's editor, in a browser context of its own. */
async function openEditor(pages: PagePool, { url }: RunningApp, room: string): Promise<Page> {
  const page = await pages.open(`${url}/#${room}`);
  await page.waitForSelector('textarea');
  return page;
}

async function type(page: Page, text: string): Promise<void> {
  await page.locator('textarea').pressSequentially(text);
}

const textOf = (page: Page): Promise<string> => page.locator('textarea').inputValue();

/** Waits until the text of a page contains another one. */
const shows = (page: Page, text: string): Promise<void> =>
  becomes(async () => (await textOf(page)).includes(text), true);

describe('the example y-webrtc, with the packed package and unmodified y-webrtc in Chromium', () => {
  let app: PackedApp;
  let pages: PagePool;

  beforeAll(async () => {
    app = await PackedApp.install('examples/y-webrtc');
    await app.build();
    pages = await PagePool.launch();
    atTeardown(() => pages.close());
  });

  afterEach(async () => {
    await pages.releaseAll();
    expect(pages.problems.splice(0)).toEqual([]);
  });

  const agree = async (one: RunningApp, other: RunningApp): Promise<void> => {
    const [ann, bob] = await Promise.all([openEditor(pages, one, 'notes'), openEditor(pages, other, 'notes')]);
    for (const page of [ann, bob]) await page.locator('output', { hasText: /^1$/ }).waitFor();
    await type(ann, 'from Ann');
    await shows(bob, 'from Ann');
    await type(bob, ' and Bob');
    await shows(ann, ' and Bob');
    expect(await textOf(ann)).toBe(await textOf(bob));
  };

  it('lets the documents of two pages come to agree, on one node', async () => {
    const node = await app.start();
    await agree(node, node);
  });

  it('lets the documents of pages on two nodes come to agree', async () => {
    const redis = await RedisServer.start(RedisServer.IN_MEMORY);
    atTeardown(() => RedisServer.killAll());
    await agree(await app.start({ REDIS_URL: redis.url }), await app.start({ REDIS_URL: redis.url }));
  });

  it('answers as the server of y-webrtc does', async () => {
    const { wsUrl } = await app.start();
    const socket = new WebSocket(`${wsUrl}/y-webrtc`);
    atTeardown(() => socket.terminate());
    const frames: unknown[] = [];
    socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString())));
    await new Promise((resolve) => socket.on('open', resolve));
    const send = (frame: object): void => socket.send(JSON.stringify(frame));
    send({ type: 'subscribe', topics: ['a', 'b', 'a'] });
    send({ type: 'publish', topic: 'a', data: { n: 1 }, clients: 99 });
    send({ type: 'unsubscribe', topics: ['a', 'unknown'] });
    send({ type: 'publish', topic: 'a', data: 'nobody hears it' });
    send({ type: 'unheard' });
    socket.send('no JSON');
    send({ type: 'ping' });
    while (frames.length < 2) await new Promise((resolve) => socket.once('message', resolve));
    expect(frames).toEqual([{ type: 'publish', topic: 'a', data: { n: 1 }, clients: 1 }, { type: 'pong' }]);
  });
});
