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

const EXPIRE_MS = 1000;
const SWEEP_MS = 1000;
/** Extra time for a busy machine. */
const LATE_MS = 4000;

const PATH = '/myapp';
const EXPIRY = ['--expire_timeout', `${EXPIRE_MS}`, '--cleanup_out_msgs', `${SWEEP_MS}`];
const UUID_V4 = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

const V1_5: PeerJsLibrary = { name: 'peerjs', raw: 'raw' };
const V1_3: PeerJsLibrary = { name: 'peerjs-1.3', raw: 'none' };

/** Nothing beyond U+FFFF: the binary serialization of 1.3 does not support it. */
const TEXT = 'Grüße, „Bob“ "\\';
/** Metadata, which the server relays. */
const METADATA: Data = { text: '😀 "\\\u2028', list: [1.5, null, {}] };
const LONG_TEXT = 'Signal '.repeat(30_000);
const OBJECT: Data = {
  text: TEXT,
  numbers: [0, -1, 1.5, 255, 65_536, 2 ** 40],
  yes: true,
  nothing: null,
  nested: { list: [[1], { two: 2 }, []], 'a b': {} },
};

/** About 150 KB with every byte value. */
const MANY_BYTES = Uint8Array.from({ length: 150_000 }, (_, i) => (i * 7) % 251);

let pool: PagePool;
/** Serves all pages, with the flags that are usual for peer. */
let server: ProcessServer;
/** Runs without flags. */
let plain: ProcessServer;
/** Runs with two keys. */
let shared: ProcessServer;

// Launched separately, so that it can be closed if a server does not start.
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

/** Options of a peer on the first server. */
function options(more: Omit<Partial<PeerOptions>, 'port'> = {}): PeerOptions {
  return { port: server.port, path: PATH, ...more };
}

/** Returns the ids in use on the first server. */
async function listed(): Promise<string[]> {
  const response = await fetch(`${server.url}${PATH}/peerjs/peers`);
  return (await response.json()) as string[];
}

async function untilNobodyIsLeft(): Promise<void> {
  await until(async () => (await listed()).length === 0);
}

/** Expects data to arrive unchanged over a connection, in both directions. */
async function exchange(here: PageConnection, there: PageConnection, data: Data): Promise<void> {
  for (const [from, to] of [
    [here, there],
    [there, here],
  ]) {
    await from.send(data);
    expect(await to.received()).toEqual(data);
  }
}

/** Returns both ends of a new, open data connection between two peers. */
async function connect(from: PagePeer, to: PagePeer, options: object = {}): Promise<[PageConnection, PageConnection]> {
  const { id } = await to.state();
  const [here, there] = await Promise.all([from.connect(id ?? '', options), to.incoming()]);
  await Promise.all([here.opened(), there.opened()]);
  return [here, there];
}

/** Expects a new data connection between two peers to carry data. */
async function expectConnects(from: PagePeer, to: PagePeer): Promise<void> {
  await exchange(...(await connect(from, to)), TEXT);
}

/** Crashes the process of the page. */
async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent('crash');
  const session = await page.context().newCDPSession(page);
  // A crashed page does not answer.
  void session.send('Page.crash').catch(() => undefined);
  await crashed;
}

/** Kills a browser, so that its pages cannot close their connections. */
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

  /** Opens Alice in one page, and Bob in the other. */
  async function openBoth(where = options()): Promise<[PagePeer, PagePeer]> {
    return Promise.all([pages[0].openPeer('alice', where), pages[1].openPeer('bob', where)]);
  }

  it('matches the installed version', async () => {
    expect((await versionOf(library)).split('.').slice(0, 2).join('.')).toBe(version);
  });

  describe('opening', () => {
    it("accepts an id of the client's choice", async () => {
      const alice = await pages[0].newPeer('alice', options());
      expect(await alice.opened()).toBe('alice');
      expect(await alice.state()).toEqual({ id: 'alice', open: true, disconnected: false, destroyed: false });
      expect(await listed()).toEqual(['alice']);
    });

    it('assigns an id', async () => {
      const peers = await Promise.all(pages.map((page) => page.newPeer(undefined, options())));
      const ids = await Promise.all(peers.map((peer) => peer.opened()));
      for (const id of ids) expect(id).toMatch(UUID_V4);
      expect((await listed()).sort()).toEqual(ids.sort());
      await expectConnects(peers[0], peers[1]);
    });

    it.each(['myapp', '/myapp/', 'myapp/'])('works with the path %s', async (path) => {
      const peer = await pages[0].newPeer(undefined, options({ path }));
      expect(await peer.opened()).toMatch(UUID_V4);
    });

    it('works with the default options of client and server', async () => {
      const [alice, bob] = await Promise.all(pages.map((page) => page.openPeer(undefined, { port: plain.port })));
      await expectConnects(alice, bob);
    });
  });

  it('fails with a wrong key', async () => {
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

    it('can be opened several times, and in both directions', async () => {
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

    it('closes at both ends', async () => {
      const [alice, bob] = await openBoth();
      const [here, there] = await connect(alice, bob);
      await here.close();
      await Promise.all([here.closed(), there.closed()]);
    });
  });

  it('calls, and both sides receive video', async () => {
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

  it('replaces its own connection with the same token', async () => {
    const first = await pages[0].openPeer('alice', options({ token: 'secret' }));
    const second = await pages[1].openPeer('alice', options({ token: 'secret' }));
    expect(await first.error()).toMatchObject({ type: 'network' });
    expect(await first.disconnected()).toBe('alice');
    const bob = await pages[0].openPeer('bob', options());
    await expectConnects(bob, second);
    await expectConnects(second, bob);
  });

  it('gets unavailable-id for an id in use, without affecting its owner', async () => {
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

  it('gets peer-unavailable for an unknown id, and stays usable', async () => {
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

  it('connects to a peer that opens before the offer expires', async () => {
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

    it('fails unless discovery is allowed', async () => {
      const alice = await pages[0].openPeer('alice', { port: plain.port });
      await alice.askForAllPeers();
      expect(await alice.error()).toMatchObject({ type: 'server-error' });
    });
  });

  describe('an id in use', () => {
    async function expectFree(end: (page: Page) => Promise<unknown>, from = pool): Promise<void> {
      const owner = await openPage(from);
      await owner.openPeer('alice', options());
      const since = performance.now();
      try {
        await end(owner.page);
        await until(async () => !(await listed()).includes('alice'));
        expect(performance.now() - since).toBeLessThan(LATE_MS);
      } finally {
        await from.release(owner.page);
      }
      await expectConnects(...(await openBoth()));
    }

    it.each<[string, (page: Page) => Promise<unknown>]>([
      ['page closed', (page) => page.close()],
      ['context closed', (page) => page.context().close()],
      ['page left', (page) => page.goto('about:blank')],
      ['page crashed', crash],
    ])('is free at once for the next client: %s', (_, end) => expectFree(end));

    it('is free at once after the browser is killed', async () => {
      const another = await PagePool.launch();
      try {
        await expectFree(() => kill(another.browser), another);
      } finally {
        await another.close();
      }
    });
  });

  it('reconnects after the server has restarted', async () => {
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
