import { once } from 'node:events';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { SignalboxModule, type SignalboxOptions } from '../../../src/index.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { type HostApplication, rootModule, startHost } from '../../support/host-application.js';
import { PATIENCE_MS } from '../../support/patience.js';
import { atTeardown } from '../../support/teardown.js';

class Shouting {
  @SubscribeMessage('shout')
  shout(@MessageBody() text: string): string {
    return text.toUpperCase();
  }
}

@WebSocketGateway()
class DefaultGateway extends Shouting {}

@WebSocketGateway({ namespace: 'market' })
class MarketGateway extends Shouting {}

@WebSocketGateway({ path: '/chat' })
class ChatGateway extends Shouting {}

const moduleWith = (options: SignalboxOptions) =>
  rootModule({
    imports: [SignalboxModule.forRoot({ logLevel: 'silent', shutdownTimeoutMs: 5000, ...options })],
    providers: [DefaultGateway, MarketGateway],
  });

/** Resolves with the answer of a gateway on socket.io. */
async function shoutedBack({ address }: HostApplication, transport: string, namespace = ''): Promise<unknown> {
  const socket = io(`http://${address}${namespace}`, { transports: [transport], forceNew: true });
  atTeardown(() => socket.close());
  return socket.timeout(PATIENCE_MS).emitWithAck('shout', 'hey');
}

afterEach(async () => {
  EasyRtcClient.closeAll();
  await ConnectorClient.closeAll();
});

describe("an application's own gateways on socket.io", () => {
  it.each([
    ['polling', ''],
    ['polling', '/market'],
    ['websocket', ''],
    ['websocket', '/market'],
  ])('work over %s in the namespace "%s", if EasyRTC is off', async (transport, namespace) => {
    const host = await startHost(moduleWith({ protocols: { easyrtc: false } }), {
      gateways: (app) => new IoAdapter(app),
    });
    expect(await shoutedBack(host, transport, namespace)).toBe('HEY');
    const [ann, bob] = await ConnectorClient.connectMany(2, `ws://${host.address}`);
    ann.send({ event: 'Message', to: bob.id, data: 1 });
    expect(await bob.next()).toMatchObject({ from: ann.id, data: 1 });
  });

  it('work beside EasyRTC at another path', async () => {
    const host = await startHost(moduleWith({ socketIoPath: '/signaling' }), { gateways: (app) => new IoAdapter(app) });
    expect(await shoutedBack(host, 'websocket')).toBe('HEY');
    const client = await EasyRtcClient.login(`http://${host.address}`, {}, { path: '/signaling' });
    expect(client.id).toBeDefined();
  });

  it('reject listen at the path of EasyRTC', async () => {
    const start = startHost(moduleWith({}), { gateways: (app) => new IoAdapter(app) });
    await expect(start).rejects.toThrow('A gateway of the application has the path /socket.io');
  });

  it('leave unknown upgrade requests to a 404', async () => {
    const host = await startHost(moduleWith({ protocols: ['connector'] }), { gateways: (app) => new IoAdapter(app) });
    const stray = new WebSocket(`ws://${host.address}/nowhere`);
    const [error] = (await once(stray, 'error')) as [Error];
    expect(error.message).toBe('Unexpected server response: 404');
  });

  it('do not keep the application from closing', async () => {
    const host = await startHost(moduleWith({ protocols: ['connector'] }), { gateways: (app) => new IoAdapter(app) });
    await shoutedBack(host, 'websocket');
    const ann = await ConnectorClient.connect(`ws://${host.address}`);
    await host.app.close();
    expect((await ann.closed).code).toBe(1012);
  });
});

describe("an application's own adapter for ws", () => {
  it('serves the gateways behind the router', async () => {
    const messageParser = (data: unknown) => ({ event: 'shout', data: String(data) });
    const host = await startHost(
      rootModule({ imports: [SignalboxModule.forRoot({ logLevel: 'silent' })], providers: [ChatGateway] }),
      { gateways: (app) => new WsAdapter(app, { messageParser }) },
    );
    const chat = new WebSocket(`ws://${host.address}/chat`);
    atTeardown(() => chat.terminate());
    await once(chat, 'open');
    chat.send('hey');
    const [answer] = (await once(chat, 'message')) as [Buffer];
    expect(JSON.parse(answer.toString())).toBe('HEY');
    expect((await ConnectorClient.connect(`ws://${host.address}`)).id).toBeDefined();
  });
});
