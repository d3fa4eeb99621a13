import { jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { FAKE_MEDIA } from '../../support/browser.js';
import { PagePool } from '../../support/page-pool.js';
import {
  type Data,
  type PageConnection,
  type PagePeer,
  type PeerJsLibrary,
  type PeerOptions,
  PeerPage,
  versionOf,
} from '../../support/peerjs-page.js';
import { until } from '../../support/peerjs-socket.js';
import { ProcessServer } from '../../support/process-server.js';

jest.setTimeout(30_000);

const EXPIRE_MS = 1000;
const SWEEP_MS = 1000;
/** What a busy machine may take longer. */
const LATE_MS = 1000;

const PATH = '/myapp';
const EXPIRY = ['--expire_timeout', `${EXPIRE_MS}`, '--cleanup_out_msgs', `${SWEEP_MS}`];
const UUID_V4 = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

const V1_5: PeerJsLibrary = { name: 'peerjs', raw: 'raw' };
const V1_3: PeerJsLibrary = { name: 'peerjs-1.3', raw: 'none' };

/** Not beyond U+FFFF, for which 1.3 has no words in its binary serialization. */
const TEXT = 'Grüße, „Bob“ "\\';
/** What the server carries. */
const METADATA: Data = { text: '😀 "\\\u2028', list: [1.5, null, {}] };
const LONG_TEXT = 'Signal '.repeat(30_000);
const OBJECT: Data = {
  text: TEXT,
  numbers: [0, -1, 1.5, 255, 65_536, 2 ** 40],
  yes: true,
  nothing: null,
  nested: { list: [[1], { two: 2 }, []], 'a b': {} },
};

/** Some 100 KB of all values. */
const MANY_BYTES = Uint8Array.from({ length: 150_000 }, (_, i) => (i * 7) % 251);

let pool: PagePool;
/** With the flags that are usual for peer, and all pages come from it. */
let server: ProcessServer;
/** Without any flags. */
let plain: ProcessServer;
/** With two keys. */
let shared: ProcessServer;

// On its own, so that it can be closed if a server does not start.
beforeAll(async () => {
  pool = await PagePool.launch(FAKE_MEDIA);
});

beforeAll(async () => {
  [server, plain, shared] = await Promise.all([
    ProcessServer.start(['--key', 'peerjs', '--path', PATH, '--allow_discovery', ...EXPIRY]),
    ProcessServer.start(),
    ProcessServer.start(['--keys', 'peerjs=default,acme=acme', '--allow_discovery', ...EXPIRY]),
  ]);
});

afterEach(() => expect(pool.problems.splice(0)).toEqual([]));

afterAll(() => ProcessServer.killAll());

afterAll(() => pool.close());

/** What connects a peer to the first of the servers. */
function options(more: Omit<Partial<PeerOptions>, 'port'> = {}): PeerOptions {
  return { port: server.port, path: PATH, ...more };
}

/** The ids that are in use there. */
async function listed(): Promise<string[]> {
  const response = await fetch(`${server.url}${PATH}/peerjs/peers`);
  return (await response.json()) as string[];
}

async function untilNobodyIsLeft(): Promise<void> {
  await until(async () => (await listed()).length === 0);
}

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
  let pages: [PeerPage, PeerPage];

  const openPage = (from = pool): Promise<PeerPage> => PeerPage.open(from, server.url, library);

  beforeAll(async () => {
    pages = await Promise.all([openPage(), openPage()]);
  });

  afterEach(async () => {
    await Promise.all(pages.map((page) => page.destroyPeers()));
    await untilNobodyIsLeft();
  });

  afterAll(() => pool.releaseAll());

  /** Alice in one page, and Bob in the other. */
  async function openBoth(where = options()): Promise<[PagePeer, PagePeer]> {
    return Promise.all([pages[0].openPeer('alice', where), pages[1].openPeer('bob', where)]);
  }

  it('is what is installed', async () => {
    expect((await versionOf(library)).split('.').slice(0, 2).join('.')).toBe(version);
  });

  describe('opens', () => {
    it('with an id of its own', async () => {
      const alice = await pages[0].newPeer('alice', options());
      expect(await alice.opened()).toBe('alice');
      expect(await alice.state()).toEqual({ id: 'alice', open: true, disconnected: false, destroyed: false });
      expect(await listed()).toEqual(['alice']);
    });

    it('with an id from the server', async () => {
      const peers = await Promise.all(pages.map((page) => page.newPeer(undefined, options())));
      const ids = await Promise.all(peers.map((peer) => peer.opened()));
      for (const id of ids) expect(id).toMatch(UUID_V4);
      expect((await listed()).sort()).toEqual(ids.sort());
      await expectConnects(peers[0], peers[1]);
    });

    it.each(['myapp', '/myapp/', 'myapp/'])('with the path %s', async (path) => {
      const peer = await pages[0].newPeer(undefined, options({ path }));
      expect(await peer.opened()).toMatch(UUID_V4);
    });

    it('with the default options of both', async () => {
      const [alice, bob] = await Promise.all(pages.map((page) => page.openPeer(undefined, { port: plain.port })));
      await expectConnects(alice, bob);
    });
  });

  it('is refused with a wrong key', async () => {
    const wrong = options({ key: 'wrong' });
    const [named, nameless] = [await pages[0].newPeer('alice', wrong), await pages[0].newPeer(undefined, wrong)];
    expect(await named.error()).toEqual({ type: 'server-error', message: 'Invalid key provided' });
    expect(await nameless.error()).toMatchObject({ type: 'server-error' });
    for (const peer of [named, nameless]) expect((await peer.state()).destroyed).toBe(true);
  });

  describe('a data connection', () => {
    const cases: [string, Data[]][] = [
      ['binary', [OBJECT, TEXT, LONG_TEXT, MANY_BYTES, [1, 'two'], 3]],
      ['json', [OBJECT, TEXT, [1, 'two'], 3]],
      [library.raw, [TEXT, LONG_TEXT, MANY_BYTES]],
    ];

    it.each(cases)('carries data both ways: %s', async (serialization, values) => {
      const [alice, bob] = await openBoth();
      const terms = { serialization, label: 'a label', metadata: METADATA };
      const [here, there] = await connect(alice, bob, { ...terms, reliable: true });
      expect(await here.terms()).toEqual({ peer: 'bob', ...terms });
      expect(await there.terms()).toEqual({ peer: 'alice', ...terms });
      for (const value of values) await exchange(here, there, value);
    });

    it('can be there several times, and in both directions', async () => {
      const [alice, bob] = await openBoth();
      const connections = await Promise.all(['0', '1', '2', '3'].map((label) => alice.connect('bob', { label })));
      const incoming = await Promise.all(connections.map(() => bob.incoming()));
      await Promise.all([...connections, ...incoming].map((connection) => connection.opened()));
      await expectConnects(bob, alice);
      for (const connection of incoming) {
        const { label } = await connection.terms();
        await exchange(connection, connections[Number(label)], label);
      }
    });

    it('ends at both ends', async () => {
      const [alice, bob] = await openBoth();
      const [here, there] = await connect(alice, bob);
      await here.close();
      await Promise.all([here.closed(), there.closed()]);
    });
  });

  it('calls, and both sides see the other one', async () => {
    const [alice, bob] = await openBoth();
    const calls = await Promise.all([alice.call('bob'), bob.answerCall()]);
    for (const { tracks, width } of await Promise.all(calls.map((call) => call.stream()))) {
      const kinds = tracks.map(({ kind, readyState }) => `${readyState} ${kind}`);
      expect(kinds.sort()).toEqual(['live audio', 'live video']);
      expect(width).toBeGreaterThan(0);
    }
  });

  describe('reconnects twenty times in a row', () => {
    async function afterItsEnd(peer: PagePeer): Promise<void> {
      await peer.disconnect();
      expect(await peer.disconnected()).toBe('alice');
      await peer.reconnect();
    }

    it.each([
      ['after its end', afterItsEnd],
      ['without a pause', (peer: PagePeer) => peer.disconnectAndReconnect()],
    ])('%s, and connects to others afterwards', async (_, reconnect) => {
      const [alice, bob] = await openBoth();
      const before = await connect(alice, bob);
      for (let i = 0; i < 20; i++) {
        await reconnect(alice);
        expect(await alice.opened()).toBe('alice');
      }
      expect((await listed()).sort()).toEqual(['alice', 'bob']);
      await expectConnects(alice, bob);
      await expectConnects(bob, alice);
      await exchange(...before, TEXT);
      expect(await alice.events()).not.toContain('error');
    });
  });

  it('takes its id over with its token', async () => {
    const first = await pages[0].openPeer('alice', options({ token: 'secret' }));
    const second = await pages[1].openPeer('alice', options({ token: 'secret' }));
    expect(await first.error()).toMatchObject({ type: 'network' });
    expect(await first.disconnected()).toBe('alice');
    const bob = await pages[0].openPeer('bob', options());
    await expectConnects(bob, second);
    await expectConnects(second, bob);
  });

  it('gets unavailable-id for an id in use, whose owner notices nothing', async () => {
    const [alice, bob] = await openBoth();
    const before = await connect(alice, bob);
    const events = await alice.events();
    const other = await pages[1].newPeer('alice', options());
    expect(await other.error()).toEqual({ type: 'unavailable-id', message: 'ID "alice" is taken' });
    expect((await other.state()).destroyed).toBe(true);

    await exchange(...before, TEXT);
    await expectConnects(bob, alice);
    await expectConnects(alice, bob);
    expect(await alice.events()).toEqual([...events, 'connection']);
  });

  it('gets peer-unavailable for an id that nobody has, and stays usable', async () => {
    const [alice, bob] = await openBoth();
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
    const opening = pages[0].page.waitForEvent('websocket');
    const alice = await pages[0].openPeer('alice', { port: plain.port });
    const offer = (await opening).waitForEvent('framesent', ({ payload }) => payload.includes('"type":"OFFER"'));
    const here = await alice.connect('late', { metadata: METADATA });
    await offer;

    const late = await pages[1].newPeer('late', { port: plain.port });
    const there = await late.incoming();
    await Promise.all([here.opened(), there.opened()]);
    expect((await there.terms()).metadata).toEqual(METADATA);
    await exchange(here, there, TEXT);
    expect(await alice.events()).toEqual(['open']);
  });

  describe('listAllPeers()', () => {
    it('lists all peers in the order in which they connected', async () => {
      const zoe = await pages[0].openPeer('zoe', options());
      const bob = await pages[1].openPeer('bob', options());
      expect(await zoe.listAllPeers()).toEqual(['zoe', 'bob']);
      await zoe.disconnect();
      await until(async () => (await bob.listAllPeers()).length === 1);
      expect(await bob.listAllPeers()).toEqual(['bob']);
    });

    it('is an error unless discovery is allowed', async () => {
      const alice = await pages[0].openPeer('alice', { port: plain.port });
      await alice.askForAllPeers();
      expect(await alice.error()).toMatchObject({ type: 'server-error' });
    });
  });

  describe('can have the id of somebody', () => {
    async function expectFree(end: (page: Page) => Promise<unknown>, from = pool): Promise<void> {
      const somebody = await openPage(from);
      await somebody.openPeer('alice', options());
      const since = performance.now();
      try {
        await end(somebody.page);
        await until(async () => !(await listed()).includes('alice'));
        expect(performance.now() - since).toBeLessThan(LATE_MS);
      } finally {
        await from.release(somebody.page);
      }
      await expectConnects(...(await openBoth()));
    }

    it.each<[string, (page: Page) => Promise<unknown>]>([
      ['whose page is closed', (page) => page.close()],
      ['whose context is closed', (page) => page.context().close()],
      ['who leaves the page', (page) => page.goto('about:blank')],
      ['whose page crashes', crash],
    ])('%s', (_, end) => expectFree(end));

    it('whose browser is killed', async () => {
      const another = await PagePool.launch();
      try {
        await expectFree(() => kill(another.browser), another);
      } finally {
        await another.close();
      }
    });
  });

  it('reconnects to a server that was restarted', async () => {
    let restarted = await ProcessServer.start();
    const peers = await openBoth({ port: restarted.port });
    const [alice, bob] = peers;
    const connection = await connect(alice, bob);
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await restarted.stop(signal);
      for (const peer of peers) {
        expect(await peer.error()).toEqual({ type: 'network', message: 'Lost connection to server.' });
        await peer.disconnected();
        expect(await peer.state()).toMatchObject({ open: false, disconnected: true, destroyed: false });
      }
      await exchange(...connection, TEXT);

      restarted = await ProcessServer.start(['--port', `${restarted.port}`]);
      for (const peer of peers) await peer.reconnect();
      expect(await Promise.all(peers.map((peer) => peer.opened()))).toEqual(['alice', 'bob']);
      await expectConnects(alice, bob);
      await expectConnects(bob, alice);
    }
    await Promise.all(pages.map((page) => page.destroyPeers()));
    await restarted.stop();
  });

  it('does not see peers with another key', async () => {
    const [alice, bob] = await openBoth({ port: shared.port });
    const acme = { port: shared.port, key: 'acme' };
    const acmeAlice = await pages[1].openPeer('alice', acme);
    const carol = await pages[0].openPeer('carol', acme);
    expect((await alice.listAllPeers()).sort()).toEqual(['alice', 'bob']);
    expect((await carol.listAllPeers()).sort()).toEqual(['alice', 'carol']);

    await Promise.all([alice.connect('carol'), carol.connect('bob')]);
    expect(await alice.error()).toMatchObject({ message: 'Could not connect to peer carol' });
    expect(await carol.error()).toMatchObject({ message: 'Could not connect to peer bob' });
    await expectConnects(bob, alice);
    await expectConnects(carol, acmeAlice);
    expect(await alice.events()).toEqual(['open', 'error', 'connection']);
    expect(await bob.events()).toEqual(['open']);
  });
});

describe('two versions of peerjs', () => {
  afterEach(async () => {
    await pool.releaseAll();
    await untilNobodyIsLeft();
  });

  it.each([
    ['1.3 to 1.5', V1_3, V1_5],
    ['1.5 to 1.3', V1_5, V1_3],
  ])('connect, %s', async (_, ...libraries) => {
    const pages = await Promise.all(libraries.map((library) => PeerPage.open(pool, server.url, library)));
    const alice = await pages[0].openPeer('alice', options());
    const bob = await pages[1].openPeer('bob', options());
    const [here, there] = await connect(alice, bob, { serialization: 'binary', metadata: METADATA });
    expect((await there.terms()).metadata).toEqual(METADATA);
    for (const data of [OBJECT, TEXT, MANY_BYTES]) await exchange(here, there, data);
  });
});
