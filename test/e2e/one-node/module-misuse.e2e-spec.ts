import type { INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketGateway } from '@nestjs/websockets';
import { ConfigError, configureApp, SignalboxModule, type SignalboxOptions } from '../../../src/index.js';
import { rootModule } from '../../support/host-application.js';
import { atTeardown } from '../../support/teardown.js';

const silent = (options: SignalboxOptions = {}) => SignalboxModule.forRoot({ logLevel: 'silent', ...options });
const listening = (app: INestApplication): Promise<unknown> => app.listen(0, '127.0.0.1');

@WebSocketGateway({ path: '/chat' })
class ChatGateway {}

@WebSocketGateway()
class RootGateway {}

async function createOnFastify(module: Type): Promise<INestApplication> {
  const app = await NestFactory.create(module, new FastifyAdapter(), { logger: false });
  atTeardown(() => app.close());
  return app;
}

// Applications are created without `abortOnError: false`: none of these errors may end the process.
async function create(module: Type): Promise<INestApplication> {
  const app = await NestFactory.create(module, { logger: false });
  atTeardown(() => app.close());
  return app;
}

describe('wrong use of the module', () => {
  it('rejects listen and init without configureApp', async () => {
    const module = rootModule({ imports: [silent()], providers: [ChatGateway] });
    const message = 'call configureApp(app) before app.listen() and app.init()';
    await expect(listening(await create(module))).rejects.toThrow(message);
    await expect((await create(module)).init()).rejects.toThrow(message);
  });

  it('lets an application go on that calls configureApp after this error', async () => {
    const app = await create(rootModule({ imports: [silent()] }));
    await expect(listening(app)).rejects.toThrow('configureApp');
    await listening(configureApp(app));
    expect((await fetch(`${await app.getUrl()}/peerjs/id`)).status).toBe(200);
  });

  it('throws at a late and at a second configureApp', async () => {
    const app = configureApp(await create(rootModule({ imports: [silent()] })));
    expect(() => configureApp(app)).toThrow('called already');
    await app.init();
    expect(() => configureApp(app)).toThrow('configureApp comes too late: call it before app.listen()');
  });

  it('throws at configureApp for an application without the module', async () => {
    const app = await create(rootModule({}));
    expect(() => configureApp(app)).toThrow('imports SignalboxModule.forRoot or forRootAsync');
  });

  it('throws at configureApp for two modules in one application, and rejects listen without it', async () => {
    const feature = rootModule({ imports: [silent()] });
    const module = rootModule({
      imports: [SignalboxModule.forRootAsync({ useFactory: () => ({ logLevel: 'silent' }) }), feature],
    });
    const app = await create(module);
    expect(() => configureApp(app)).toThrow('imports SignalboxModule.forRoot 2 times: import it once');
    await expect(listening(app)).rejects.toThrow('imports SignalboxModule.forRoot 2 times: import it once');
  });

  it('accepts one forRoot that two modules import', async () => {
    const signalbox = silent();
    const feature = rootModule({ imports: [signalbox] });
    await listening(configureApp(await create(rootModule({ imports: [signalbox, feature] }))));
  });

  it.each<[string, Type, string]>([
    ['/chat', ChatGateway, '/chat'],
    ['/', RootGateway, '/'],
  ])('rejects listen for the path %s of a protocol and of a gateway of the application', async (_, gateway, path) => {
    const module = rootModule({ imports: [silent({ connectorPath: path })], providers: [gateway] });
    const start = listening(configureApp(await create(module)));
    await expect(start).rejects.toThrow(`A gateway of the application has the path ${path}, which a protocol of`);
    await expect(start).rejects.toThrow('change connectorPath, path (PeerJS) and socketIoPath');
  });

  it('rejects listen for a path of two protocols', async () => {
    const app = configureApp(await create(rootModule({ imports: [silent({ connectorPath: '/peerjs' })] })));
    const start = listening(app);
    await expect(start).rejects.toThrow(ConfigError);
    await expect(start).rejects.toThrow('two protocols are configured for the path /peerjs');
  });

  it('rejects listen if another WebSocket adapter replaces that of configureApp', async () => {
    const app = configureApp(await create(rootModule({ imports: [silent()] })));
    app.useWebSocketAdapter(new WsAdapter(app));
    await expect(listening(app)).rejects.toThrow('pass yours to configureApp(app, { gateways })');
  });

  it('accepts another WebSocket adapter if no protocol is served', async () => {
    const app = configureApp(await create(rootModule({ imports: [silent({ protocols: [] })] })));
    app.useWebSocketAdapter(new WsAdapter(app));
    await listening(app);
  });

  it('throws at configureApp for an application on Fastify, and rejects listen without it', async () => {
    const app = await createOnFastify(rootModule({ imports: [silent()] }));
    const message = "Signalbox needs Nest's adapter for Express, and this application uses the one for fastify";
    expect(() => configureApp(app)).toThrow(message);
    await expect(listening(app)).rejects.toThrow(message);
  });
});
