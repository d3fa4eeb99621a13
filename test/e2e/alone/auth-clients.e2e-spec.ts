import { CURRENT, type EasyRtcLibrary, EasyRtcPage, OLD } from '../../support/easyrtc-page.js';
import { seconds } from '../../support/issuer.js';
import { PagePool } from '../../support/page-pool.js';
import { type PeerJsLibrary, PeerPage } from '../../support/peerjs-page.js';
import { startSecured, tokenFor } from '../../support/secured.js';
import type { TestServer } from '../../support/server.js';

/** The browser's WebSocket, as far as the tests use it. */
interface BrowserSocket {
  readonly protocol: string;
  onmessage: (event: { readonly data: string }) => void;
  onclose: (event: { readonly code: number; readonly reason: string }) => void;
}
declare const WebSocket: new (url: string, protocols: string[]) => BrowserSocket;

let pool: PagePool;
let server: TestServer;
/** Requires no tokens. */
let open: TestServer;

beforeAll(async () => {
  pool = await PagePool.launch();
});

beforeAll(async () => {
  server = await startSecured({ iceServers: [], allowDiscovery: true });
  open = await startSecured({ iceServers: [] }, { required: false });
});

afterEach(async () => {
  await pool.releaseAll();
  expect(pool.problems.splice(0)).toEqual([]);
});

afterAll(() => pool.close());

describe.each<[string, PeerJsLibrary]>([
  ['1.5.5', { name: 'peerjs', raw: 'raw' }],
  ['1.3.2', { name: 'peerjs-1.3', raw: 'none' }],
])('peerjs %s', (version, library) => {
  const page = (): Promise<PeerPage> => PeerPage.open(pool, server.url, library);
  const id = (name: string): string => `${name}-${version.replaceAll('.', '-')}`;

  it('connects with its token, and exchanges data', async () => {
    const [one, two] = [await page(), await page()];
    const ann = await one.openPeer(id('ann'), { port: server.port, token: await tokenFor('ann') });
    const bob = await two.openPeer(id('bob'), { port: server.port, token: await tokenFor('bob') });
    const [here, there] = await Promise.all([ann.connect(id('bob'), { serialization: 'json' }), bob.incoming()]);
    await Promise.all([here.opened(), there.opened()]);
    await here.send('hello');
    expect(await there.received()).toBe('hello');
  });

  it('is refused without a valid one', async () => {
    const peer = await (await page()).newPeer(id('eve'), { port: server.port });
    expect(await peer.error()).toEqual({ type: 'server-error', message: 'Invalid token provided' });
    expect(await peer.state()).toMatchObject({ open: false, destroyed: true });
  });

  it('connects without a token where none is required, and comes back under its id', async () => {
    const { port } = open;
    const [one, two] = [await page(), await page()];
    const ann = await one.openPeer(id('ann'), { port });
    const bob = await two.openPeer(id('bob'), { port });
    await ann.disconnectAndReconnect();
    expect(await ann.opened()).toBe(id('ann'));
    const [here, there] = await Promise.all([ann.connect(id('bob'), { serialization: 'json' }), bob.incoming()]);
    await Promise.all([here.opened(), there.opened()]);
  });

  it('takes itself over, and hears of the end of its token', async () => {
    const token = await tokenFor('ann', {}, { exp: seconds(8) });
    const peer = await (await page()).openPeer(id('ann'), { port: server.port, token });
    await peer.disconnectAndReconnect();
    expect(await peer.opened()).toBe(id('ann'));
    expect(await peer.error()).toEqual({ type: 'server-error', message: 'Invalid token provided' });
  });

  it('hears that a signal outside of its rooms has not arrived', async () => {
    const [one, two] = [await page(), await page()];
    await two.openPeer(id('bob'), { port: server.port, token: await tokenFor('bob') });
    const token = await tokenFor('ann', { signal: 'rooms' });
    const ann = await one.openPeer(id('ann'), { port: server.port, token });
    await ann.connect(id('bob'));
    expect(await ann.error()).toMatchObject({ type: 'peer-unavailable' });
  });
});

describe.each<[string, EasyRtcLibrary]>([
  ['2.1.8', CURRENT],
  ['2.0.20', OLD],
])('easyrtc.js %s', (_, library) => {
  async function page(credential?: object): Promise<EasyRtcPage> {
    const opened = await EasyRtcPage.open(pool, server.url, library);
    if (credential) await opened.setCredential(credential);
    return opened;
  }

  it('logs in with its token, and renews it over the same socket', async () => {
    const ann = await page({ token: await tokenFor('ann', { id: 'annid', name: 'Ann' }) });
    expect(await ann.connect('default', { username: 'claimed' })).toBe('annid');
    const bob = await page({ token: await tokenFor('bob') });
    await bob.connect('default');
    expect((await bob.others('default', (others) => 'annid' in others)).annid).toMatchObject({ username: 'Ann' });
    expect(await ann.setCredential({ token: await tokenFor('ann', { id: 'annid' }) })).toBe('annid');
  });

  it('is refused without a valid one', async () => {
    expect(await (await page({ token: 'bad' })).failToConnect('default')).toBe('LOGIN_BAD_AUTH');
    expect(await (await page()).failToConnect('default')).toBe('LOGIN_BAD_AUTH');
  });

  it('hears of the end of its token, and is disconnected', async () => {
    const ann = await page({ token: await tokenFor('ann', {}, { exp: seconds(5) }) });
    await ann.connect('default');
    await ann.next('disconnect');
    expect(pool.problems.splice(0)).toEqual([expect.stringContaining('LOGIN_BAD_AUTH')]);
  });
});

describe('a page with a WebSocket of its own', () => {
  const talk = async (protocols: string[]): Promise<{ first: string; protocol: string }> => {
    const page = await pool.open(server.url);
    return page.evaluate(
      ([url, offered]) =>
        new Promise<{ first: string; protocol: string }>((resolve) => {
          const socket = new WebSocket(url, offered);
          socket.onmessage = ({ data }) => resolve({ first: data, protocol: socket.protocol });
          socket.onclose = ({ code }) => resolve({ first: `closed ${code}`, protocol: '' });
        }),
      [server.wsUrl, protocols] as const,
    );
  };

  it('sends its token as a subprotocol beside signalbox, and gets signalbox', async () => {
    const { first, protocol } = await talk(['signalbox', `bearer.${await tokenFor('ann')}`]);
    expect([JSON.parse(first), protocol]).toEqual([
      expect.objectContaining({ event: 'Client_Details' }) as object,
      'signalbox',
    ]);
  });

  it('is refused with a bad one', async () => {
    expect(JSON.parse((await talk(['signalbox', 'bearer.bad'])).first)).toMatchObject({ event: 'Unauthorised' });
  });
});
