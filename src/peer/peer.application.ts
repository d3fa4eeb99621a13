import type { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type DynamicModule, type INestApplication, Module } from '@nestjs/common';
import { installAdapter } from '../app-setup.js';
import { ClientsModule } from '../clients/clients.module.js';
import { ClientsService } from '../clients/clients.service.js';
import { newNestFactory } from '../common/nest-factory.js';
import type { Extension } from '../extensions.module.js';
import { Log } from '../logging/log.js';
import { LoggingModule } from '../logging/logging.module.js';
import { quietly } from '../logging/quietly.js';
import { IdGenerator } from '../protocols/id-generator.js';
import { SignalboxModule } from '../signalbox.module.js';
import { HttpAdapter } from '../transport/http/http.adapter.js';
import { HttpSockets } from '../transport/http/http-sockets.js';
import { InnerApplication } from '../transport/http/inner-application.js';
import { RequestRouter } from '../transport/http/request-router.js';
import { PeerClients } from './peer.clients.js';
import { PeerWsAdapter } from './peer.endpoint.js';
import type { PeerSetup } from './peer.options.js';
import type { PeerWebSockets } from './peer.web-sockets.js';

/** Where the application serves PeerJS, whatever the paths of the program. Everything below it belongs to PeerJS. */
const PATH = '/peer';

/** The root module of the application. */
@Module({})
class PeerServerModule {
  static forRoot({ config, generateClientId }: PeerSetup, events: EventEmitter): DynamicModule {
    const signalbox = SignalboxModule.forRoot({
      ...config,
      path: PATH,
      protocols: ['peerjs'],
      demo: false,
      extensions: extensionsOf(generateClientId),
    });
    const clients = {
      provide: PeerClients,
      inject: [ClientsService, Log],
      useFactory: (service: ClientsService, log: Log) => new PeerClients(events, service, log),
    };
    return { module: PeerServerModule, imports: [signalbox, ClientsModule, LoggingModule], providers: [clients] };
  }
}

/**
 * A Nest application with PeerJS alone. It does not listen: it gets the requests for PeerJS from an HTTP server of the
 * program, with targets relative to the path of the PeerServer.
 */
export class PeerApplication {
  private constructor(
    private readonly app: INestApplication,
    private readonly server: Server,
  ) {}

  /**
   * @param events emits the events of the server
   * @param webSockets does the handshakes, if the program has given it
   */
  static async start(setup: PeerSetup, events: EventEmitter, webSockets?: PeerWebSockets): Promise<PeerApplication> {
    const app = await quietly(() => createNest(setup, events, webSockets));
    // The program shares its responses itself (`corsOptions`).
    find(app, RequestRouter).cors.leaveToFront();
    find(app, InnerApplication).corsOfUnclaimed.leaveToFront();
    return new PeerApplication(app, app.getHttpServer() as Server);
  }

  /** Bounds the connections of a server that carries nothing but PeerJS. */
  bound(server: Server): void {
    find(this.app, HttpSockets).attach(server);
  }

  /** Answers a request. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    request.url = PATH + request.url;
    this.server.emit('request', request, response);
  }

  /** Completes or refuses the handshake of an upgrade request. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    request.url = PATH + request.url;
    this.server.emit('upgrade', request, socket, head);
  }

  /** Disconnects all clients, and ends the application. */
  close(): Promise<void> {
    return this.app.close();
  }
}

async function createNest(
  setup: PeerSetup,
  events: EventEmitter,
  webSockets: PeerWebSockets | undefined,
): Promise<INestApplication> {
  const root = PeerServerModule.forRoot(setup, events);
  const app = await newNestFactory().create(root, new HttpAdapter(setup.config), {
    abortOnError: false,
    bodyParser: false,
  });
  installAdapter(app, () => new PeerWsAdapter(app, webSockets));
  return app.init();
}

function extensionsOf(generateClientId: PeerSetup['generateClientId']): Extension[] {
  if (!generateClientId) return [];
  class GivenIds extends IdGenerator {
    override peerJsClient(): string {
      return generateClientId!();
    }
  }
  return [{ provide: IdGenerator, useClass: GivenIds }];
}

function find<T>(app: INestApplication, type: abstract new (...args: never[]) => T): T {
  return app.get<T>(type, { strict: false });
}
