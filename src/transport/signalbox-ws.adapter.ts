import type { Server } from 'node:http';
import type { INestApplication, Type } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { EndpointContext } from './endpoint/endpoint-context.js';
import { RequestRouter } from './http/request-router.js';
import { gatewayOptionsOf } from './signalbox-gateway.js';
import { SocketIo } from './socket-io/socket-io.module.js';
import { Endpoint } from './websocket/endpoint.js';

interface GatewayOptions {
  /** The class of the gateway, if it is marked with `@SignalboxGateway`. */
  readonly gateway?: Type<object>;
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
    const { gateway, path = '/', ...rest } = options;
    if (gateway) return this.createEndpoint(gateway);
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

  /** Nest passes an error on to the caller of `app.init` or `app.listen`, which it would not do from `afterInit`. */
  private createEndpoint(gateway: Type<object>): object {
    const parts = [this.inject(EndpointContext), this.inject(gateway)] as const;
    const isSocketIo = gatewayOptionsOf(gateway)?.over === 'socket.io';
    const endpoint = isSocketIo ? this.inject(SocketIo).serve(...parts) : this.newEndpoint(...parts);
    this.endpoints.add(endpoint);
    return endpoint;
  }

  /** Creates the endpoint of a protocol over plain WebSocket. */
  protected newEndpoint(context: EndpointContext, gateway: object): object {
    return new Endpoint(context, gateway);
  }

  private inject<T>(type: Type<T>): T {
    return this.app.get(type, { strict: false });
  }
}
