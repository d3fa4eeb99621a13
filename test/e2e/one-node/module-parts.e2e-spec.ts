import { Injectable, Module, type Type } from '@nestjs/common';
import { AdminModule } from '../../../src/admin/admin.module.js';
import {
  ClientsService,
  createApp,
  EasyRtcService,
  listen,
  RoomsService,
  ServerEvents,
  SignalboxModule,
  type SignalboxOptions,
  SignalingService,
} from '../../../src/index.js';
import { AdminApi, OPERATE_TOKEN } from '../../support/admin-api.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EchoGateway } from '../../support/echo/echo.gateway.js';
import { createHost, rootModule, startHost } from '../../support/host-application.js';
import { dial, requestOf, statusesOf, UPGRADE } from '../../support/raw-http.js';
import { atTeardown } from '../../support/teardown.js';

const OPTIONS = { logLevel: 'silent', adminTokens: [`olga:operate:${OPERATE_TOKEN}`] } as const;

/** The path at which the clients of each protocol connect. */
const ENDPOINTS = {
  connector: '/',
  peerjs: '/peerjs?key=peerjs&id=a&token=t',
  easyrtc: '/socket.io/?EIO=4&transport=websocket',
};
/** The name of each protocol in the admin API. */
const NAMES = { connector: 'peer2peer-connector', peerjs: 'peerjs', easyrtc: 'easyrtc' };
/** A path of each protocol with an HTTP route. */
const PAGES = { peerjs: '/peerjs/id', easyrtc: '/easyrtc/easyrtc.js' };

const moduleWith = (options: SignalboxOptions) =>
  rootModule({ imports: [SignalboxModule.forRoot({ ...OPTIONS, ...options }), AdminModule] });

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url);
  await response.text();
  return response.status;
}

/** Returns the status of each protocol's handshake and HTTP route. */
async function answersOf(
  address: string,
): Promise<{ endpoints: Record<string, number>; pages: Record<string, number> }> {
  const { port } = new URL(`http://${address}`);
  const endpoints: Record<string, number> = {};
  for (const [name, path] of Object.entries(ENDPOINTS)) {
    [endpoints[name]] = await statusesOf(await dial(Number(port)), [requestOf(path, UPGRADE)]);
  }
  const pages: Record<string, number> = {};
  for (const [name, path] of Object.entries(PAGES)) pages[name] = await statusOf(`http://${address}${path}`);
  return { endpoints, pages };
}

const api = (address: string) => new AdminApi(`http://${address}`, OPERATE_TOKEN);

/** The services of a feature module that does not import `SignalboxModule.forRoot` itself. */
@Injectable()
class Feature {
  constructor(
    readonly clients: ClientsService,
    readonly rooms: RoomsService,
    readonly signaling: SignalingService,
    readonly events: ServerEvents,
  ) {}
}

@Module({ providers: [Feature] })
class PlainFeatureModule {}

@Module({ imports: [SignalboxModule], providers: [Feature] })
class ImportingFeatureModule {}

afterEach(() => ConnectorClient.closeAll());

describe('the part protocols', () => {
  it('serves all built-in protocols by default', async () => {
    const { address } = await startHost(moduleWith({}));
    expect(await answersOf(address)).toEqual({
      endpoints: { connector: 101, peerjs: 101, easyrtc: 101 },
      pages: { peerjs: 200, easyrtc: 200 },
    });
  });

  it.each([
    ['connector', { connector: false }, { connector: 404, peerjs: 101, easyrtc: 101 }, { peerjs: 200, easyrtc: 200 }],
    ['peerjs', { peerjs: false }, { connector: 101, peerjs: 404, easyrtc: 101 }, { peerjs: 404, easyrtc: 200 }],
    ['easyrtc', { easyrtc: false }, { connector: 101, peerjs: 101, easyrtc: 404 }, { peerjs: 200, easyrtc: 404 }],
  ])('with %s off, has neither its gateway nor its routes nor its name', async (name, protocols, endpoints, pages) => {
    const { address } = await startHost(moduleWith({ protocols }));
    expect(await answersOf(address)).toEqual({ endpoints, pages });
    for (const [key, protocol] of Object.entries(NAMES)) {
      const { status } = await api(address).get('clients', { protocol });
      expect([protocol, status]).toEqual([protocol, key === name ? 400 : 200]);
    }
  });

  it('takes a list of all protocols, own ones included', async () => {
    const { address } = await startHost(moduleWith({ protocols: ['peerjs', EchoGateway] }));
    expect((await answersOf(address)).endpoints).toEqual({ connector: 404, peerjs: 101, easyrtc: 404 });
    const statuses = await statusesOf(await dial(Number(address.split(':')[1])), [requestOf('/echo', UPGRADE)]);
    expect(statuses).toEqual([101]);
    expect((await api(address).get('clients', { protocol: 'echo' })).status).toBe(200);
  });

  it('may be empty: the application still has the services', async () => {
    const { app, address } = await startHost(moduleWith({ protocols: [], isGlobal: true }));
    expect((await answersOf(address)).endpoints).toEqual({ connector: 404, peerjs: 404, easyrtc: 404 });
    const bot = await app.get(SignalingService).addVirtualClient({ realm: 'default', id: 'bot' });
    expect(app.get(ClientsService).countHere).toBe(1);
    await bot.close();
  });

  it('rejects a name of no protocol', () => {
    const protocols = { sip: true } as object;
    expect(() => SignalboxModule.forRoot({ protocols })).toThrow("must name connector, peerjs, easyrtc, got 'sip'");
  });

  it('is a part of the stand-alone application, too', async () => {
    const app = await createApp({ ...OPTIONS, port: 0, host: '127.0.0.1', protocols: { easyrtc: false }, demo: false });
    atTeardown(() => app.close());
    const url = `http://127.0.0.1:${await listen(app)}`;
    expect(await statusOf(`${url}/easyrtc/easyrtc.js`)).toBe(404);
    expect(await statusOf(`${url}/demo`)).toBe(404);
    expect(await statusOf(`${url}/health/live`)).toBe(200);
  });
});

describe('the part demo', () => {
  it.each([
    [undefined, 200],
    [true, 200],
    [false, 404],
  ])('%s answers /demo and its files with %i', async (demo, status) => {
    const { address } = await startHost(moduleWith({ demo }));
    for (const path of ['/demo', '/demo/demo.js']) expect(await statusOf(`http://${address}${path}`)).toBe(status);
  });
});

describe('the part isGlobal', () => {
  it('lets a module inject the services that imports nothing', async () => {
    const imports = [SignalboxModule.forRoot({ ...OPTIONS, isGlobal: true }), PlainFeatureModule];
    const { app, address } = await startHost(rootModule({ imports }));
    await ConnectorClient.connect(`ws://${address}`);
    expect(app.get(Feature, { strict: false }).clients.countHere).toBe(1);
  });

  it.each<[string, boolean, Type[]]>([
    ['such a module', true, []],
    ['a module that imports SignalboxModule', false, [SignalboxModule]],
  ])('lets %s inject EasyRtcService, if EasyRTC is served', async (_, isGlobal, imports) => {
    @Injectable()
    class Pusher {
      constructor(readonly service: EasyRtcService) {}
    }
    const feature = rootModule({ imports, providers: [Pusher] });
    const create = (easyrtc: boolean) =>
      createHost(
        rootModule({ imports: [SignalboxModule.forRoot({ ...OPTIONS, isGlobal, protocols: { easyrtc } }), feature] }),
      );
    expect((await create(true)).get(Pusher, { strict: false }).service).toBeInstanceOf(EasyRtcService);
    await expect(create(false)).rejects.toThrow('EasyRtcService');
  });

  it('is off by default: a module must import SignalboxModule to inject the services', async () => {
    const root = (feature: object) =>
      rootModule({ imports: [SignalboxModule.forRoot(OPTIONS), feature as typeof PlainFeatureModule] });
    await expect(createHost(root(PlainFeatureModule))).rejects.toThrow('ClientsService');
    const { app, address } = await startHost(root(ImportingFeatureModule));
    await ConnectorClient.connect(`ws://${address}`);
    expect(app.get(Feature, { strict: false }).clients.countHere).toBe(1);
  });
});
