import type { Server } from 'node:http';
import type { INestApplication, Type } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { Endpoint } from './websocket/endpoint.js';
import { EndpointContext, ProtocolEndpoint } from './endpoint/protocol-endpoint.js';
import { RequestRouter } from './http/request-router.js';

interface GatewayOptions {
  /** Set by the gateways of our own protocols only. */
  readonly protocol?: string;
  /** What serves the protocol, if not plain WebSockets do. */
  readonly over?: new (protocol: string, context: EndpointContext) => ProtocolEndpoint;
  readonly path?: string;
}

/**
 * Nest's adapter for ws, with all gateways on the application's HTTP server behind one upgrade router. Gateways of an
 * application that imports Signalbox work as with the stock WsAdapter. Those of our own protocols get an `Endpoint`, which
 * dispatches frames in order and without promises.
 */
export class SignalboxWsAdapter extends WsAdapter {
  private readonly router: RequestRouter;

  constructor(private readonly app: INestApplication) {
    super(app);
    this.router = this.inject(RequestRouter);
    this.router.attach(app.getHttpServer() as Server);
  }

  override create(port: number, options: GatewayOptions): ProtocolEndpoint | WebSocketServer {
    const { protocol, over = Endpoint, path = '/', ...rest } = options;
    if (protocol !== undefined) return new over(protocol, this.inject(EndpointContext));
    // A port of its own: none of the application's business.
    if (port !== 0) return super.create(port, options) as WebSocketServer;
    const server = this.bindErrorHandler(new WebSocketServer({ ...rest, noServer: true })) as WebSocketServer;
    this.router.route(path, {
      upgrade: (request, socket, head, place) => {
        socket.once('close', () => place?.giveBack());
        server.handleUpgrade(request, socket, head, (ws) => server.emit('connection', ws, request));
      },
    });
    return server;
  }

  override bindClientConnect(server: ProtocolEndpoint | WebSocketServer, callback: (client: WebSocket) => void): void {
    if (!(server instanceof ProtocolEndpoint)) super.bindClientConnect(server, callback);
  }

  override async close(server: ProtocolEndpoint | WebSocketServer): Promise<void> {
    if (!(server instanceof ProtocolEndpoint)) await super.close(server);
  }

  private inject<T>(type: Type<T>): T {
    return this.app.get(type, { strict: false });
  }
}
