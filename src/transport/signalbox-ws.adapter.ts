import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { INestApplication, Type } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { Endpoint, EndpointContext } from './endpoint.js';
import { UpgradeRouter } from './upgrade-router.js';

interface GatewayOptions {
  /** Set by the gateways of our own protocols only. */
  readonly protocol?: string;
  readonly path?: string;
}

/**
 * Nest's adapter for ws, with all gateways on the application's HTTP server behind one upgrade router. Gateways of an
 * application that imports Signalbox work as with the stock WsAdapter. Those of our own protocols get an `Endpoint`, which
 * dispatches frames in order and without promises.
 */
export class SignalboxWsAdapter extends WsAdapter {
  private readonly router: UpgradeRouter;

  constructor(private readonly app: INestApplication) {
    super(app);
    this.router = this.inject(UpgradeRouter);
    this.router.attach(app.getHttpServer() as Server);
  }

  override create(port: number, options: GatewayOptions): Endpoint | WebSocketServer {
    const { protocol, path = '/', ...rest } = options;
    if (protocol !== undefined) return new Endpoint(protocol, this.inject(EndpointContext));
    // A port of its own: none of the application's business.
    if (port !== 0) return super.create(port, options) as WebSocketServer;
    const server = this.bindErrorHandler(new WebSocketServer({ ...rest, noServer: true })) as WebSocketServer;
    this.router.route(path, (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      server.handleUpgrade(request, socket, head, (ws) => server.emit('connection', ws, request));
    });
    return server;
  }

  override bindClientConnect(server: Endpoint | WebSocketServer, callback: (client: WebSocket) => void): void {
    if (!(server instanceof Endpoint)) super.bindClientConnect(server, callback);
  }

  override async close(server: Endpoint | WebSocketServer): Promise<void> {
    if (!(server instanceof Endpoint)) await super.close(server);
  }

  private inject<T>(type: Type<T>): T {
    return this.app.get(type, { strict: false });
  }
}
