import { once } from 'node:events';
import { WebSocket } from 'ws';
import { CURRENT, EasyRtcPage } from '../support/easyrtc-page.js';
import { PackedApp, type RunningApp } from '../support/packed-app.js';
import { PagePool } from '../support/page-pool.js';
import { PATIENCE_MS } from '../support/patience.js';
import { PeerPage } from '../support/peerjs-page.js';
import { PeerJsSocket, until } from '../support/peerjs-socket.js';
import { atTeardown } from '../support/teardown.js';

/** Number of requests that the throttler of the application allows for each route. */
const LIMIT = 5;

interface Line {
  readonly context?: string;
  readonly msg: string;
  readonly client?: string;
  readonly req?: { readonly url: string };
}

describe('an application with guards, filters and middleware of its own, and the packed package', () => {
  let running: RunningApp;
  let pages: PagePool;

  beforeAll(async () => {
    const app = await PackedApp.install('test/apps/nest-host');
    await app.build();
    running = await app.start();
    pages = await PagePool.launch();
    atTeardown(() => pages.close());
  });

  afterEach(async () => {
    await pages.releaseAll();
    expect(pages.problems.splice(0)).toEqual([]);
  });

  const ask = (path: string): Promise<Response> => fetch(running.url + path);

  const lines = (): Line[] =>
    running
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Line);

  it('serves unmodified PeerJS clients, which get ids, list peers and connect', async () => {
    const library = { name: 'peerjs', raw: 'raw' } as const;
    const page = `${running.url}/peerjs/peers`;
    const [one, two] = await Promise.all([1, 2].map(() => PeerPage.open(pages, page, library)));
    const alice = await one.openPeer(undefined, { port: running.port });
    const bob = await two.openPeer('bob', { port: running.port });
    const { id } = await alice.state();
    expect((await alice.listAllPeers()).sort()).toEqual([id, 'bob'].sort());
    const [here, there] = await Promise.all([alice.connect('bob', { serialization: 'json' }), bob.incoming()]);
    await Promise.all([here.opened(), there.opened()]);
    await here.send({ text: 'Grüße' });
    expect(await there.received()).toEqual({ text: 'Grüße' });
    await Promise.all([one, two].map((each) => each.destroyPeers()));
  });

  it('serves unmodified EasyRTC clients, which load their library and message each other', async () => {
    const page = `${running.url}/peerjs/peers`;
    const [alice, bob] = await Promise.all([1, 2].map(() => EasyRtcPage.open(pages, page, CURRENT)));
    await Promise.all([alice, bob].map((client) => client.connect('an-application')));
    await alice.sees('default', bob.id);
    expect(await alice.send(bob.id, 'greeting', { text: 'Grüße' })).toEqual({ msgType: 'ack' });
    expect(await bob.next('message')).toMatchObject({ from: alice.id, type: 'greeting', data: { text: 'Grüße' } });
    await Promise.all([alice, bob].map((client) => client.disconnect()));
  });

  it('keeps its prefix, version, envelope, guard, filter and middleware on its own routes', async () => {
    const hello = await ask('/api/v1/own/hello');
    expect(await hello.json()).toEqual({ data: 'hello' });
    expect(hello.headers.get('content-encoding')).toBe('gzip');
    expect(hello.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(await (await ask('/api/v1/closed')).json()).toEqual({ host: 403 });
    expect(await (await ask('/api/v1/nothing')).json()).toEqual({ host: 404 });
    const id = await ask('/peerjs/id');
    expect(await id.text()).toMatch(/^[\da-f-]{36}$/);
    expect(id.headers.get('content-encoding')).toBeNull();
  });

  it('throttles its own routes, and not the protocols', async () => {
    const statuses = (path: string): Promise<number[]> =>
      Promise.all(Array.from({ length: 2 * LIMIT }, async () => (await ask(path)).status));
    const throttled = (await statuses('/api/v1/own/limited')).filter((status) => status === 429);
    expect(throttled).toHaveLength(LIMIT);
    expect(new Set(await statuses('/peerjs/id'))).toEqual(new Set([200]));
  });

  it('serves its own gateway', async () => {
    const chat = new WebSocket(`${running.wsUrl}/chat`);
    atTeardown(() => chat.terminate());
    const signal = AbortSignal.timeout(PATIENCE_MS);
    await once(chat, 'open', { signal });
    chat.send('{"event":"shout","data":"hey"}');
    const [answer] = (await once(chat, 'message', { signal })) as [Buffer];
    expect(JSON.parse(answer.toString())).toEqual({ event: 'shouted', data: 'HEY' });
  });

  it("writes the server's lines with its own logger, and logs requests of its own routes only", async () => {
    await PeerJsSocket.open(running.wsUrl, 'carol');
    await ask('/api/v1/own/hello');
    await until(() => lines().some(({ msg, client }) => msg === 'connected' && client === 'carol'));
    expect(lines().find(({ client }) => client === 'carol')).toMatchObject({
      context: 'Signalbox',
      protocol: 'peerjs',
    });
    await until(() => lines().some(({ req }) => req?.url === '/api/v1/own/hello'));
    const urls = lines().flatMap(({ req }) => req?.url ?? []);
    expect(urls.filter((url) => !url.startsWith('/api/') && url !== '/chat')).toEqual([]);
    // Each line is one of the application's logger.
    expect(
      running
        .output()
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('{')),
    ).toEqual([]);
  });
});
