import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PagePool } from '../../support/page-pool.js';
import { type Data, type PeerJsLibrary, PeerPage, versionOf } from '../../support/peerjs-page.js';
import { startServer, type TestServer } from '../../support/server.js';

const LIBRARIES: [string, PeerJsLibrary][] = [
  ['0.3.14', { name: 'peerjs-0.3.14', raw: 'none', file: 'dist/peer.min.js' }],
  ['0.3.24', { name: 'peerjs-0.3.24', raw: 'none' }],
  ['1.0.4', { name: 'peerjs-1.0', raw: 'none' }],
  ['1.5.5', { name: 'peerjs', raw: 'raw' }],
];

interface Socket {
  readonly io: { readonly engine: { readonly transport: { readonly name: string } } };
  on(event: string, listener: (detail?: unknown) => void): void;
  close(): void;
}

interface Script {
  onload: () => void;
  onerror: () => void;
}

declare const document: { createElement(tag: 'script'): Script; readonly head: { append(script: Script): void } };

let pool: PagePool;
/** Serves empty pages from an origin that differs from the servers' in host and port. */
let pages: Server;
let origin: string;
let server: TestServer;
/** Has a mount path, and lists only the pages' origin. */
let listed: TestServer;

beforeAll(async () => {
  pool = await PagePool.launch();
});

beforeAll(async () => {
  pages = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end('<!doctype html>'));
  pages.listen(0, '127.0.0.1');
  await once(pages, 'listening');
  origin = `http://localhost:${(pages.address() as AddressInfo).port}`;
  server = await startServer();
  listed = await startServer({ path: '/myapp', allowDiscovery: true, cors: [origin] });
});

afterEach(async () => {
  await pool.releaseAll();
  expect(pool.problems.splice(0)).toEqual([]);
});

afterAll(() => pool.close());
afterAll(() => Promise.all([server, listed].map((each) => each.close())));
afterAll(() => pages.close());

describe.each(LIBRARIES)('peerjs %s in pages of another origin', (version, library) => {
  it('matches the installed version', async () => {
    expect(await versionOf(library)).toBe(version);
  });

  it('connects and sends data both ways', async () => {
    const [one, two] = await Promise.all([1, 2].map(() => PeerPage.open(pool, origin, library)));
    const alice = await one.openPeer(undefined, { port: server.port });
    // An id per library, so that a failed one does not block the next.
    const id = `bob-${library.name}`.replace(/\W/g, '-');
    const bob = await two.openPeer(id, { port: server.port });
    const [here, there] = await Promise.all([
      alice.connect(id, { serialization: 'json', metadata: 'hello' }),
      bob.incoming(),
    ]);
    await Promise.all([here.opened(), there.opened()]);
    expect((await there.terms()).metadata).toBe('hello');
    const data: Data = { text: 'Grüße', list: [1, null] };
    await here.send(data);
    expect(await there.received()).toEqual(data);
    await there.send(data);
    expect(await here.received()).toEqual(data);
    expect(await alice.events()).toEqual(['open']);
  });

  it('opens and lists peers below a path if the origin is listed', async () => {
    const page = await PeerPage.open(pool, origin, library);
    const alice = await page.openPeer('alice', { port: listed.port, path: '/myapp' });
    expect(await alice.listAllPeers()).toEqual(['alice']);
  });

  it('does not open if the origin is not listed', async () => {
    const page = await PeerPage.open(pool, server.url, library);
    const peer = await page.newPeer(undefined, { port: listed.port, path: '/myapp' });
    expect(await peer.error()).toMatchObject({ type: 'server-error' });
  });
});

describe('client libraries in pages of another origin', () => {
  it('can be imported', async () => {
    const page = await pool.open(origin);
    const transport = await page.evaluate(async (url) => {
      const { io } = (await import(`${url}/socket.io/socket.io.esm.min.js`)) as { io: (url: string) => Socket };
      const socket = io(url);
      await new Promise((resolve, reject) => {
        socket.on('connect', resolve);
        socket.on('connect_error', reject);
      });
      const { name } = socket.io.engine.transport;
      socket.close();
      return name;
    }, server.url);
    expect(['polling', 'websocket']).toContain(transport);
  });

  it.each(['anonymous', 'use-credentials'])('load as scripts with crossorigin=%s', async (crossOrigin) => {
    const page = await pool.open(origin);
    const load = (path: string): Promise<string> =>
      page.evaluate(
        ([url, crossOrigin]) =>
          new Promise<string>((resolve) => {
            const script = Object.assign(document.createElement('script'), { crossOrigin, src: url });
            script.onload = () => resolve('loaded');
            script.onerror = () => resolve('refused');
            document.head.append(script);
          }),
        [server.url + path, crossOrigin],
      );
    expect(await load('/socket.io/socket.io.js')).toBe('loaded');
    expect(await load('/easyrtc/easyrtc.js')).toBe('loaded');
    // The demo page's script is for the server's own pages only.
    expect(await load('/demo/demo.js')).toBe('refused');
  });
});
