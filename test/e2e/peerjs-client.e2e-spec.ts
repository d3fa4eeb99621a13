import { jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { FAKE_MEDIA, launchBrowser } from '../support/browser.js';
import {
  PeerPage,
  versionOf,
  type Data,
  type PageConnection,
  type PagePeer,
  type PeerJsLibrary,
} from '../support/peerjs-page.js';
import { until } from '../support/peerjs-socket.js';
import { ProcessServer } from '../support/process-server.js';

jest.setTimeout(30_000);

const EXPIRE_MS = 1000;
const SWEEP_MS = 1000;
/** What a busy machine may take longer. */
const LATE_MS = 1000;

const PATH = '/myapp';
const LIKE_PEER = ['--key', 'peerjs', '--path', PATH, '--allow_discovery', '--expire_timeout', `${EXPIRE_MS}`];
const UUID_V4 = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

const V1_5: PeerJsLibrary = { name: 'peerjs', raw: 'raw' };
const V1_3: PeerJsLibrary = { name: 'peerjs-1.3', raw: 'none' };

const TEXT = 'Grüße, "Bob" \\ 😀';
const LONG_TEXT = 'Signal '.repeat(30_000);
const OBJECT: Data = {
  text: TEXT,
  numbers: [0, -1, 1.5, 255, 65_536, 2 ** 40],
  yes: true,
  nothing: null,
  nested: { list: [[1], { two: 2 }, []], 'a b': {} },
};

/** Some 100 KB of all values. */
function manyBytes(): ArrayBuffer {
  return Uint8Array.from({ length: 150_000 }, (_, i) => (i * 7) % 251).buffer;
}

let browser: Browser;
let server: ProcessServer;
/** What pages have not caught. */
const problems: string[] = [];

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(FAKE_MEDIA), ProcessServer.start(LIKE_PEER)]);
});

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  expect(problems.splice(0)).toEqual([]);
});

afterAll(async () => {
  await Promise.all([browser.close(), ProcessServer.killAll()]);
});

/** Sends over a connection both ways, and expects it at the other end. */
async function exchange(here: PageConnection, there: PageConnection, data: Data): Promise<void> {
  for (const [from, to] of [
    [here, there],
    [there, here],
  ]) {
    await from.send(data);
    expect(await to.received()).toEqual(data);
  }
}

/** Both ends of a new data connection from one peer to another, open. */
async function connect(from: PagePeer, to: PagePeer, options: object = {}): Promise<[PageConnection, PageConnection]> {
  const { id } = await to.state();
  const [here, there] = await Promise.all([from.connect(id ?? '', options), to.incoming()]);
  await Promise.all([here.opened(), there.opened()]);
  return [here, there];
}

/** Expects that a new data connection from one peer to another carries data. */
async function expectConnects(from: PagePeer, to: PagePeer): Promise<void> {
  await exchange(...(await connect(from, to)), TEXT);
}

async function listed(): Promise<string[]> {
  const response = await fetch(`${server.url}${PATH}/peerjs/peers`);
  return (await response.json()) as string[];
}

/** Ends the process that the page runs in. */
async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent('crash');
  const session = await page.context().newCDPSession(page);
  // No answer comes.
  void session.send('Page.crash').catch(() => undefined);
  await crashed;
}

/** Ends a browser in the way in which it can not say goodbye. */
async function kill(browser: Browser): Promise<void> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const ended = new Promise((resolve) => browser.once('disconnected', resolve));
  for (const { id, type } of processInfo) if (type === 'browser') process.kill(id, 'SIGKILL');
  await ended;
}

describe.each([
  ['1.5', V1_5],
  ['1.3', V1_3],
])('peerjs %s', (version, library) => {
  /** A page of the server, whose peers connect to it. */
  async function openPage({ url } = server, inBrowser = browser): Promise<PeerPage> {
    return PeerPage.open(inBrowser, library, url, problems);
  }

  /** Peers with these ids, each in a page of its own. */
  async function openPeers(...ids: string[]): Promise<PagePeer[]> {
    return Promise.all(ids.map(async (id) => (await openPage()).openPeer(id, { path: PATH })));
  }

  it('is what is installed', async () => {
    expect((await versionOf(library)).split('.').slice(0, 2).join('.')).toBe(version);
  });

  describe('opens', () => {
    it('with an id of its own', async () => {
      const page = await openPage();
      const alice = await page.newPeer('alice', { path: PATH });
      expect(await alice.opened()).toBe('alice');
      expect(await alice.state()).toEqual({ id: 'alice', open: true, disconnected: false, destroyed: false });
      expect(await listed()).toEqual(['alice']);
    });

    it('with an id from the server', async () => {
      const page = await openPage();
      const peers = [await page.newPeer(undefined, { path: PATH }), await page.newPeer(undefined, { path: PATH })];
      const ids = await Promise.all(peers.map((peer) => peer.opened()));
      for (const id of ids) expect(id).toMatch(UUID_V4);
      expect((await listed()).sort()).toEqual(ids.sort());
      await expectConnects(peers[0], peers[1]);
    });

    it.each(['myapp', '/myapp/', 'myapp/'])('with the path %s', async (path) => {
      const page = await openPage();
      expect(await (await page.newPeer(undefined, { path })).opened()).toMatch(UUID_V4);
    });

    it('with the default options of both', async () => {
      const plain = await ProcessServer.start();
      const page = await openPage(plain);
      const [alice, bob] = [await page.openPeer('alice'), await page.openPeer()];
      await expectConnects(alice, bob);
      await plain.stop();
    });
  });

  it('is refused with a wrong key', async () => {
    const page = await openPage();
    const options = { path: PATH, key: 'wrong' };
    const [named, nameless] = [await page.newPeer('alice', options), await page.newPeer(undefined, options)];
    expect(await named.error()).toEqual({ type: 'server-error', message: 'Invalid key provided' });
    expect((await nameless.error()).type).toBe('server-error');
    for (const peer of [named, nameless]) expect((await peer.state()).destroyed).toBe(true);
  });

  describe('a data connection', () => {
    const cases: [string, Data[]][] = [
      ['binary', [OBJECT, TEXT, LONG_TEXT, manyBytes(), [1, 'two'], 3]],
      ['json', [OBJECT, TEXT, [1, 'two'], 3]],
      [library.raw, [TEXT, LONG_TEXT, manyBytes()]],
    ];

    it.each(cases)('carries data both ways: %s', async (serialization, values) => {
      const [alice, bob] = await openPeers('alice', 'bob');
      const options = { serialization, label: 'a label', metadata: OBJECT, reliable: true };
      const [here, there] = await connect(alice, bob, options);
      const terms = { label: 'a label', metadata: OBJECT, serialization };
      expect(await here.terms()).toEqual({ peer: 'bob', ...terms });
      expect(await there.terms()).toEqual({ peer: 'alice', ...terms });
      for (const value of values) await exchange(here, there, value);
    });

    it('can be there several times, and in both directions', async () => {
      const [alice, bob] = await openPeers('alice', 'bob');
      const connections = await Promise.all([1, 2, 3, 4].map((label) => alice.connect('bob', { label: `${label}` })));
      const incoming = await Promise.all(connections.map(() => bob.incoming()));
      await Promise.all([...connections, ...incoming].map((connection) => connection.opened()));
      await expectConnects(bob, alice);
      for (const connection of incoming) {
        const { label } = await connection.terms();
        await exchange(connection, connections[Number(label) - 1], label);
      }
    });
  });

  it('calls, and both sides see the other one', async () => {
    const [alice, bob] = await openPeers('alice', 'bob');
    const calls = await Promise.all([alice.call('bob'), bob.answerCall()]);
    for (const { tracks, width } of await Promise.all(calls.map((call) => call.stream()))) {
      expect(tracks.map(({ kind, readyState }) => `${readyState} ${kind}`).sort()).toEqual([
        'live audio',
        'live video',
      ]);
      expect(width).toBeGreaterThan(0);
    }
  });

  describe('reconnects twenty times in a row', () => {
    it.each([
      [
        'after each end',
        async (peer: PagePeer) => {
          await peer.disconnect();
          expect(await peer.disconnected()).toBe('alice');
          await peer.reconnect();
        },
      ],
      ['without a pause', (peer: PagePeer) => peer.disconnectAndReconnect()],
    ])('%s, and connects to others afterwards', async (_, reconnect) => {
      const [alice, bob] = await openPeers('alice', 'bob');
      const before = await connect(alice, bob);
      for (let i = 0; i < 20; i++) {
        await reconnect(alice);
        expect(await alice.opened()).toBe('alice');
      }
      expect(await listed()).toHaveLength(2);
      await expectConnects(alice, bob);
      await expectConnects(bob, alice);
      await exchange(...before, TEXT);
      expect(await alice.events()).not.toContain('error');
    });
  });

  it('takes its id over with its token', async () => {
    const options = { path: PATH, token: 'secret' };
    const first = await (await openPage()).openPeer('alice', options);
    const second = await (await openPage()).openPeer('alice', options);
    expect(await first.error()).toMatchObject({ type: 'network' });
    expect(await first.disconnected()).toBe('alice');
    const [bob] = await openPeers('bob');
    await expectConnects(bob, second);
    await expectConnects(second, bob);
  });

  it('gets unavailable-id for an id in use, whose owner notices nothing', async () => {
    const [alice, bob] = await openPeers('alice', 'bob');
    const before = await connect(alice, bob);
    const events = await alice.events();
    const other = await (await openPage()).newPeer('alice', { path: PATH });
    expect(await other.error()).toMatchObject({ type: 'unavailable-id', message: 'ID "alice" is taken' });
    expect((await other.state()).destroyed).toBe(true);

    await exchange(...before, TEXT);
    await expectConnects(bob, alice);
    await expectConnects(alice, bob);
    expect(await alice.events()).toEqual([...events, 'connection']);
  });

  it('gets peer-unavailable for an id that nobody has, and stays usable', async () => {
    const [alice, bob] = await openPeers('alice', 'bob');
    const since = performance.now();
    await alice.connect('nobody');
    expect(await alice.error()).toEqual({ type: 'peer-unavailable', message: 'Could not connect to peer nobody' });
    const elapsed = performance.now() - since;
    expect(elapsed).toBeGreaterThan(EXPIRE_MS - 5);
    expect(elapsed).toBeLessThan(EXPIRE_MS + SWEEP_MS + LATE_MS);
    expect(await alice.state()).toMatchObject({ open: true, disconnected: false });
    await expectConnects(alice, bob);
    await expectConnects(bob, alice);
  });

  it('is connected to a peer that comes in time', async () => {
    const patient = await ProcessServer.start(['--expire_timeout', '10000']);
    const pages = [await openPage(patient), await openPage(patient)];
    const opening = pages[0].page.waitForEvent('websocket');
    const alice = await pages[0].openPeer('alice');
    const offer = (await opening).waitForEvent('framesent', ({ payload }) => payload.includes('"type":"OFFER"'));
    const here = await alice.connect('late', { metadata: OBJECT });
    await offer;

    const late = await pages[1].newPeer('late');
    const there = await late.incoming();
    await Promise.all([here.opened(), there.opened()]);
    expect((await there.terms()).metadata).toEqual(OBJECT);
    await exchange(here, there, TEXT);
    expect(await alice.events()).toEqual(['open']);
    await patient.stop();
  });

  describe('listAllPeers()', () => {
    it('lists all peers in the order in which they connected', async () => {
      const page = await openPage();
      const [alice, bob] = [await page.openPeer('zoe', { path: PATH }), await page.openPeer('bob', { path: PATH })];
      expect(await alice.listAllPeers()).toEqual(['zoe', 'bob']);
      await alice.disconnect();
      await until(async () => (await bob.listAllPeers()).length === 1);
      expect(await bob.listAllPeers()).toEqual(['bob']);
    });

    it('is an error unless discovery is allowed', async () => {
      const discreet = await ProcessServer.start(['--path', PATH]);
      const alice = await (await openPage(discreet)).openPeer('alice', { path: PATH });
      await alice.askForAllPeers();
      expect(await alice.error()).toMatchObject({
        type: 'server-error',
        message: expect.stringContaining('permission to list peers') as string,
      });
      await discreet.stop();
    });
  });

  it.each<[string, (page: PeerPage) => Promise<unknown>]>([
    ['whose page is closed', ({ page }) => page.close()],
    ['whose context is closed', ({ page }) => page.context().close()],
    ['whose page is left', ({ page }) => page.goto('about:blank')],
    ['whose page crashes', ({ page }) => crash(page)],
    ['whose browser is killed', ({ page }) => kill(page.context().browser()!)],
  ])('leaves its id, %s, to others', async (how, end) => {
    const ownBrowser = how.includes('browser') ? await launchBrowser() : browser;
    try {
      const page = await openPage(server, ownBrowser);
      await page.openPeer('alice', { path: PATH });
      const [bob] = await openPeers('bob');
      const since = performance.now();
      await end(page);
      await until(async () => !(await listed()).includes('alice'));
      expect(performance.now() - since).toBeLessThan(LATE_MS);
      const [alice] = await openPeers('alice');
      await expectConnects(alice, bob);
    } finally {
      if (ownBrowser !== browser) await ownBrowser.close();
    }
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('reconnects to a server that was restarted after %s', async (signal) => {
    const first = await ProcessServer.start();
    const peers = await Promise.all(['alice', 'bob'].map(async (id) => (await openPage(first)).openPeer(id)));
    const [alice, bob] = peers;
    const before = await connect(alice, bob);
    await first.stop(signal);
    for (const peer of peers) {
      expect(await peer.error()).toEqual({ type: 'network', message: 'Lost connection to server.' });
      await peer.disconnected();
      expect(await peer.state()).toMatchObject({ open: false, disconnected: true, destroyed: false });
    }
    await exchange(...before, TEXT);

    const second = await ProcessServer.start(['--port', `${first.port}`]);
    for (const peer of peers) await peer.reconnect();
    expect(await Promise.all(peers.map((peer) => peer.opened()))).toEqual(['alice', 'bob']);
    await expectConnects(alice, bob);
    await expectConnects(bob, alice);
    await second.stop();
  });

  it('does not see peers with another key', async () => {
    const flags = ['--keys', 'peerjs=default,acme=acme', '--allow_discovery', '--expire_timeout', `${EXPIRE_MS}`];
    const shared = await ProcessServer.start(flags);
    const page = await openPage(shared);
    const alice = await page.openPeer('alice');
    const bob = await page.openPeer('bob');
    const acmeAlice = await page.openPeer('alice', { key: 'acme' });
    const carol = await page.openPeer('carol', { key: 'acme' });
    expect(await alice.listAllPeers()).toEqual(['alice', 'bob']);
    expect(await carol.listAllPeers()).toEqual(['alice', 'carol']);

    await Promise.all([alice.connect('carol'), carol.connect('bob')]);
    const errors = await Promise.all([alice.error(), carol.error()]);
    expect(errors.map(({ message }) => message)).toEqual([
      'Could not connect to peer carol',
      'Could not connect to peer bob',
    ]);
    await expectConnects(bob, alice);
    await expectConnects(carol, acmeAlice);
    expect(await alice.events()).toEqual(['open', 'error', 'connection']);
    expect(await bob.events()).toEqual(['open']);
    await shared.stop();
  });
});

it.each([
  ['1.3 to 1.5', V1_3, V1_5],
  ['1.5 to 1.3', V1_5, V1_3],
])('connects peerjs %s', async (_, from, to) => {
  const [alice, bob] = await Promise.all(
    [from, to].map(async (library, i) => {
      const page = await PeerPage.open(browser, library, server.url, problems);
      return page.openPeer(['alice', 'bob'][i], { path: PATH });
    }),
  );
  const [here, there] = await connect(alice, bob, { serialization: 'binary', metadata: OBJECT });
  expect((await there.terms()).metadata).toEqual(OBJECT);
  for (const data of [OBJECT, TEXT, manyBytes()]) await exchange(here, there, data);
});
