import { AdminModule } from '../../../src/admin/admin.module.js';
import { MonitoringModule } from '../../../src/monitoring/monitoring.module.js';
import { SignalboxModule } from '../../../src/signalbox.module.js';
import { CURRENT, EasyRtcPage, OLD } from '../../support/easyrtc-page.js';
import { type Host, startHostileHost } from '../../support/hostile-host.js';
import { PagePool } from '../../support/page-pool.js';
import { type PeerJsLibrary, PeerPage } from '../../support/peerjs-page.js';

const LIBRARIES: PeerJsLibrary[] = [
  { name: 'peerjs', raw: 'raw' },
  { name: 'peerjs-1.0', raw: 'none' },
  { name: 'peerjs-0.3.14', raw: 'none', file: 'dist/peer.min.js' },
];

let pages: PagePool;
let host: Host;

beforeAll(async () => {
  pages = await PagePool.launch();
  // Without ICE servers, the libraries query no other host for their addresses.
  const options = { logLevel: 'silent', allowDiscovery: true, iceServers: [] } as const;
  host = await startHostileHost([SignalboxModule.forRoot(options), AdminModule, MonitoringModule]);
});

afterEach(async () => {
  await pages.releaseAll();
  expect(pages.problems.splice(0)).toEqual([]);
});

afterAll(() => pages.close());

/** Any page of the server without a policy for scripts. */
const page = (): string => `${host.url}/peerjs/peers`;

describe('in an application that would break the routes of the protocols', () => {
  it.each(LIBRARIES)('clients of $name get ids, list peers and connect', async (library) => {
    const [one, two] = await Promise.all([1, 2].map(() => PeerPage.open(pages, page(), library)));
    const alice = await one.openPeer(undefined, { port: host.port });
    const bob = await two.openPeer(undefined, { port: host.port });
    const [id, other] = await Promise.all([alice, bob].map(async (peer) => (await peer.state()).id!));
    expect((await alice.listAllPeers()).sort()).toEqual([id, other].sort());
    const [here, there] = await Promise.all([alice.connect(other, { serialization: 'json' }), bob.incoming()]);
    await Promise.all([here.opened(), there.opened()]);
    await here.send({ text: 'Grüße' });
    expect(await there.received()).toEqual({ text: 'Grüße' });
    await Promise.all([one, two].map((each) => each.destroyPeers()));
  });

  it.each([CURRENT, OLD])('clients of $name load their library and message each other', async (library) => {
    const [alice, bob] = await Promise.all([1, 2].map(() => EasyRtcPage.open(pages, page(), library)));
    await Promise.all([alice, bob].map((client) => client.connect(`of-${library.name}`)));
    await alice.sees('default', bob.id);
    expect(await alice.send(bob.id, 'greeting', { text: 'Grüße' })).toEqual({ msgType: 'ack' });
    expect(await bob.next('message')).toMatchObject({ from: alice.id, type: 'greeting', data: { text: 'Grüße' } });
    await Promise.all([alice, bob].map((client) => client.disconnect()));
  });
});
