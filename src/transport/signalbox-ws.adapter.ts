import type { Server } from 'node:http';
import type { INestApplication, Type } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { EndpointContext } from './endpoint/endpoint-context.js';
import { RequestRouter } from './http/request-router.js';
import type { EndpointClass } from './signalbox-gateway.js';
import { Endpoint } from './websocket/endpoint.js';

interface GatewayOptions {
  /** Only the gateways of our own protocols have it. */
  readonly protocol?: string;
  /** The endpoint of a protocol that plain WebSockets do not carry. */
  readonly over?: EndpointClass;
  readonly path?: string;
}

/**
 * Nest's adapter for ws, with all gateways behind one router on the application's HTTP server. The gateways of our own
 * protocols get an endpoint, which dispatches frames in order and without promises. The gateways of an application that
 * imports Signalbox work as with Nest's stock adapter.
 */
export class SignalboxWsAdapter extends WsAdapter {
  private readonly router: RequestRouter;
  private readonly endpoints = new WeakSet<object>();

  constructor(private readonly app: INestApplication) {
    super(app);
    this.router = this.inject(RequestRouter);
    this.router.attach(app.getHttpServer() as Server);
  }

  override create(port: number, options: GatewayOptions): object {
    const { protocol, over, path = '/', ...rest } = options;
    if (protocol !== undefined) return this.createEndpoint(protocol, over);
    // A server on a port of its own does not pass the router.
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

  override bindClientConnect(server: object, callback: (client: WebSocket) => void): void {
    if (!this.endpoints.has(server)) super.bindClientConnect(server, callback);
  }

  override async close(server: object): Promise<void> {
    if (!this.endpoints.has(server)) await super.close(server);
  }

  private createEndpoint(protocol: string, EndpointOf: EndpointClass = Endpoint): object {
    const endpoint = new EndpointOf(protocol, this.inject(EndpointContext));
    this.endpoints.add(endpoint);
    return endpoint;
  }

  private inject<T>(type: Type<T>): T {
    return this.app.get(type, { strict: false });
  }
}
