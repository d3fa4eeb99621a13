import { EventEmitter, once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get, type INestApplication, Injectable, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { WebSocket, WebSocketServer } from 'ws';
import { ConfigError } from '../../../src/config/load-config.js';
import {
  ClientsService,
  Config,
  configureApp,
  IdGenerator,
  RoomsService,
  SignalboxModule,
  SignalingService,
} from '../../../src/index.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { PATIENCE_MS } from '../../support/patience.js';
import { until } from '../../support/peerjs-socket.js';
import { freePort } from '../../support/ports.js';

const SLOW_MS = 1000;
@Injectable()
class Ids extends IdGenerator {
  private last = 0;

  override connectorClient(): string {
    return `mine-${++this.last}`;
  }
}

@Controller('count')
class CountController {
  constructor(private readonly clients: ClientsService) {}

  @Get()
  count(): { here: number } {
    return { here: this.clients.countHere };
  }
}

@Controller('own')
class OwnController {
  /** Emits `slow` when a request for it arrives. */
  static readonly arrivals = new EventEmitter();

  @Get('hello')
  hello(): string {
    return 'hello';
  }

  @Get('slow')
  async slow(): Promise<string> {
    OwnController.arrivals.emit('slow');
    await sleep(SLOW_MS);
    return 'at last';
  }
}

class Shouting {
  @SubscribeMessage('shout')
  shout(@MessageBody() text: string): { event: string; data: string } {
    return { event: 'shouted', data: text.toUpperCase() };
  }
}

@WebSocketGateway({ path: '/chat' })
class ChatGateway extends Shouting {}

@Module({
  imports: [
    SignalboxModule.forRoot({
      logLevel: 'silent',
      shutdownTimeoutMs: 5000,
      extensions: [{ provide: IdGenerator, useClass: Ids }],
    }),
  ],
  controllers: [CountController, OwnController],
  providers: [ChatGateway],
})
class OwnModule {}

interface Running {
  readonly app: INestApplication;
  readonly server: Server;
  readonly port: number;
  /** `127.0.0.1:PORT` */
  readonly address: string;
}

const apps: INestApplication[] = [];
const sockets: Socket[] = [];

async function start(module: Type = OwnModule): Promise<Running> {
  const app = configureApp(await NestFactory.create(module, { logger: false, abortOnError: false }));
  apps.push(app);
  await app.listen(0, '127.0.0.1');
  const server = app.getHttpServer() as Server;
  const { port } = server.address() as AddressInfo;
  return { app, server, port, address: `127.0.0.1:${port}` };
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await ConnectorClient.closeAll();
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

/** Closes an application and resolves with the duration in ms. */
async function msToEnd(app: INestApplication): Promise<number> {
  apps.splice(apps.indexOf(app), 1);
  const since = performance.now();
  await app.close();
  return performance.now() - since;
}

/** Resolves with the answer of the application's own gateway. */
async function shoutedBack(url: string): Promise<unknown> {
  const chat = new WebSocket(url);
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    await once(chat, 'open', { signal });
    chat.send('{"event":"shout","data":"hey"}');
    const [answer] = (await once(chat, 'message', { signal })) as [Buffer];
    return JSON.parse(answer.toString());
  } finally {
    chat.terminate();
  }
}

/** Opens a TCP connection. `received` returns all text received so far. */
async function dial(port: number): Promise<{ socket: Socket; received: () => string }> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString('latin1')));
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  return { socket, received: () => text };
}

/** Opens a TCP connection that has already carried an HTTP request and its answer. */
async function dialAndAsk(port: number): ReturnType<typeof dial> {
  const connection = await dial(port);
  connection.socket.write('GET /own/hello HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await until(() => connection.received().endsWith('hello'));
  return connection;
}

const upgradeTo = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

describe("an application's own Nest module", () => {
  it('runs beside Signalbox, uses its services and replaces its providers', async () => {
    const { address } = await start();
    const [ann, bob] = await ConnectorClient.connectMany(2, `ws://${address}`);
    expect([ann.id, bob.id].sort()).toEqual(['mine-1', 'mine-2']);
    expect(await (await fetch(`http://${address}/count`)).json()).toEqual({ here: 2 });
    ann.send({ event: 'Message', to: bob.id, data: 1 });
    expect(await bob.next()).toMatchObject({ from: ann.id, data: 1 });
    expect(await shoutedBack(`ws://${address}/chat`)).toEqual({ event: 'shouted', data: 'HEY' });
  });

  it('can run twice in one process, with separate clients', async () => {
    const [{ address: one }, { address: other }] = [await start(), await start()];
    const ann = await ConnectorClient.connect(`ws://${one}`);
    const bob = await ConnectorClient.connect(`ws://${other}`);
    expect(ann.id).toBe(bob.id);
    expect(await ann.ask({ event: 'Message', to: 'mine-2' })).toMatchObject({ event: 'Not_Found' });
    await ConnectorClient.connect(`ws://${one}`);
    expect(await (await fetch(`http://${other}/count`)).json()).toEqual({ here: 1 });
  });

  it('survives invalid WebSocket frames sent to its own gateway', async () => {
    const { port, address } = await start();
    const ann = await ConnectorClient.connect(`ws://${address}`);
    const { socket, received } = await dial(port);
    socket.write(upgradeTo('/chat'));
    await until(() => received().includes('HTTP/1.1 101 '));
    socket.write(Buffer.of(0xff, 0xff, 0xff));
    await once(socket, 'close');
    expect(await ann.drain()).toEqual([]);
    expect(await shoutedBack(`ws://${address}/chat`)).toEqual({ event: 'shouted', data: 'HEY' });
  });

  it.each([
    ['', undefined],
    [' and path', '/own'],
  ])('can have a gateway on its own port%s', async (_, path) => {
    const own = await freePort();

    @WebSocketGateway(own, path === undefined ? {} : { path })
    class PortGateway extends Shouting {}

    @Module({ imports: [SignalboxModule.forRoot({ logLevel: 'silent' })], providers: [PortGateway] })
    class PortModule {}

    const { app, address } = await start(PortModule);
    expect(await shoutedBack(`ws://127.0.0.1:${own}${path ?? ''}`)).toEqual({ event: 'shouted', data: 'HEY' });
    const ann = await ConnectorClient.connect(`ws://${address}`);
    expect(await ann.drain()).toEqual([]);
    await msToEnd(app);
    await occupy(own);
  });

  it('controls CORS, except for the paths of Signalbox', async () => {
    const { address } = await start();
    const allowed = async (path: string) => {
      const response = await fetch(`http://${address}${path}`, { headers: { origin: 'https://a.example' } });
      await response.text();
      return response.headers.get('access-control-allow-origin');
    };
    for (const path of ['/own/hello', '/count']) expect([path, await allowed(path)]).toEqual([path, null]);
    for (const path of ['', '/', '/peerjs/id', '/peerjs/peers', '/wrong/peers']) {
      expect([path, await allowed(path)]).toEqual([path, 'https://a.example']);
    }
  });
});

describe("an application's own upgrade requests", () => {
  it('have no time limit in its listeners, and are rejected if no listener takes them, also on reused connections', async () => {
    const { server, port } = await start();
    const own = new WebSocketServer({ noServer: true });
    server.on('upgrade', (request, socket: Duplex, head) => {
      if (request.url !== '/late') return;
      setTimeout(() => own.handleUpgrade(request, socket, head, (ws) => ws.send('welcome')), 500);
    });
    const [wanted, unwanted] = [await dialAndAsk(port), await dialAndAsk(port)];
    const since = performance.now();
    wanted.socket.write(upgradeTo('/late'));
    unwanted.socket.write(upgradeTo('/nobody'));
    await once(unwanted.socket, 'close');
    expect(unwanted.received()).toMatch(/helloHTTP\/1\.1 404 /);
    expect(performance.now() - since).toBeLessThan(2500);
    await until(() => wanted.received().endsWith('welcome'));
    expect(wanted.received()).not.toContain('404');
    expect(wanted.socket.destroyed).toBe(false);
  });

  it('do not delay a shutdown if no listener answers them', async () => {
    const { app, server, port } = await start();
    const arrivals: Duplex[] = [];
    server.on('upgrade', (_, socket: Duplex) => arrivals.push(socket));
    const { socket } = await dialAndAsk(port);
    socket.write(upgradeTo('/nobody'));
    await until(() => arrivals.length === 1);
    expect(await msToEnd(app)).toBeLessThan(3000);
    await until(() => socket.destroyed);
  });
});

describe("an application's own HTTP requests", () => {
  it('are answered if in flight at shutdown, which ends right after', async () => {
    const { app, address } = await start();
    const arrival = once(OwnController.arrivals, 'slow');
    const answer = fetch(`http://${address}/own/slow`).then((response) => response.text());
    await arrival;
    const end = msToEnd(app);
    expect(await answer).toBe('at last');
    expect(await end).toBeLessThan(SLOW_MS + 2000);
  });
});

describe('SignalboxModule.forRoot', () => {
  it.each([
    ['port', { port: -1 }],
    ['maxRooms', { maxRooms: 0 }],
    ['logLevel', { logLevel: 'loud' as 'info' }],
  ])('rejects an invalid value of %s', (name, options) => {
    expect(() => SignalboxModule.forRoot(options)).toThrow(ConfigError);
    expect(() => SignalboxModule.forRoot(options)).toThrow(name);
  });

  it('treats undefined as the default', async () => {
    @Module({ imports: [SignalboxModule.forRoot({ logLevel: 'silent', maxRooms: undefined, maxRoomMembers: 7 })] })
    class UndecidedModule {}

    const { app, address } = await start(UndecidedModule);
    const { maxRooms, maxRoomMembers } = app.get(Config, { strict: false });
    expect([maxRooms, maxRoomMembers]).toEqual([new Config().maxRooms, 7]);
    const ann = await ConnectorClient.connect(`ws://${address}`);
    expect(await ann.ask({ event: 'Create_Room', data: { room: 'a' } })).toMatchObject({ event: 'Room_Created' });
  });

  it.each([
    ['SignalingService', SignalingService],
    ['RoomsService', RoomsService],
    ['Config', Config],
  ])('rejects a replacement of %s', (name, provide) => {
    expect(() => SignalboxModule.forRoot({ extensions: [{ provide, useValue: {} }] })).toThrow(name);
  });
});

/** Listens on a port and closes it again. Rejects if another server uses the port. */
async function occupy(port: number): Promise<void> {
  const server = createServer().listen(port);
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}
