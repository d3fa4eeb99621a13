import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { becomes } from '../../support/becomes.js';
import { ConnectorPage } from '../../support/connector-page.js';
import { Coturn } from '../../support/coturn.js';
import { CURRENT, EasyRtcPage, OLD } from '../../support/easyrtc-page.js';
import { PagePool } from '../../support/page-pool.js';
import { forceRelays, gatherRelays, replaceServers, restartIce, routeOf } from '../../support/relay-page.js';
import { startServer, type TestServer } from '../../support/server.js';
import { checkCredential, type ReceivedServer } from '../../support/turn-credentials.js';

jest.setTimeout(180_000);

const SECRET = 'the secret of the relay';
/** The shortest time that the option accepts. */
const TTL_S = 60;

let pool: PagePool;
let server: TestServer;

beforeAll(async () => {
  pool = await PagePool.launch();
});

beforeEach(async () => {
  const { url } = await Coturn.start(SECRET);
  server = await startServer({ ice: { servers: [], turn: { urls: url, secret: SECRET, ttlS: TTL_S } } });
});

afterEach(async () => {
  await pool.releaseAll();
  expect(pool.problems.splice(0)).toEqual([]);
});

afterAll(() => pool.close());

const typesOf = async (...pages: EasyRtcPage[] | ConnectorPage[]): Promise<(string | undefined)[]> =>
  Promise.all(pages.map(async ({ page }) => (await routeOf(page)).type));

describe.each([CURRENT, OLD])('pages with $name', (library) => {
  const enter = async (): Promise<EasyRtcPage> => {
    const page = await EasyRtcPage.open(pool, server.url, library);
    await forceRelays(page.page);
    await page.connect('app');
    return page;
  };

  it('talk over the relay with the credentials of their logins, and with fresh ones', async () => {
    const [caller, callee] = [await enter(), await enter()];
    await caller.sees('default', callee.id);
    expect(await caller.call(callee.id)).toBe('datachannel');
    await caller.sendPeerToPeer(callee.id, 'hello', { over: 'the relay' });
    expect(await callee.next('message')).toMatchObject({ from: caller.id, data: { over: 'the relay' } });
    expect(await typesOf(caller, callee)).toEqual(['relay', 'relay']);

    await caller.hangup(callee.id);
    await callee.next('peerClosed');
    const [fresh] = (await caller.freshIceServers()) as unknown as ReceivedServer[];
    expect(checkCredential(SECRET, fresh ?? {}).user).toBe(caller.id);
    expect(await caller.call(callee.id)).toBe('datachannel');
    expect(await typesOf(caller, callee)).toEqual(['relay', 'relay']);
  });
});

describe('pages with Peer2Peer Connector', () => {
  const talk = async (text: string, ...[one, other]: [ConnectorPage, ConnectorPage]): Promise<void> => {
    await one.say(`${text}?`);
    await other.hears(`${text}?`);
    await other.say(`${text}!`);
    await one.hears(`${text}!`);
    expect(await typesOf(one, other)).toEqual(['relay', 'relay']);
  };

  it('talk over the relay, and restart ICE with fresh credentials after the first ones have expired', async () => {
    const pages: [ConnectorPage, ConnectorPage] = [
      await ConnectorPage.open(pool, server),
      await ConnectorPage.open(pool, server),
    ];
    const [caller, callee] = pages;
    for (const { page } of pages) await forceRelays(page);
    const first = await caller.iceServers();
    const { user, validS } = checkCredential(SECRET, first[0] ?? {});
    expect(user).toBe(caller.id);
    const expired = sleep((validS + 1) * 1000);
    await callee.meet(caller.id, 'polite', await callee.iceServers());
    await caller.meet(callee.id, 'impolite', first);
    await Promise.all(pages.map((page) => page.opened()));
    await talk('with the first credentials', ...pages);

    await expired;
    expect(await gatherRelays(await pool.open(server.url), first)).toEqual([]);
    await talk('after they have expired', ...pages);
    const before = await routeOf(caller.page);
    for (const page of pages) await replaceServers(page.page, await page.iceServers());
    await restartIce(caller.page);
    // Another relay, for which coturn has checked the fresh credential.
    await becomes(async () => (await routeOf(caller.page)).port !== before.port, true);
    await talk('with fresh credentials', ...pages);
  });
});
