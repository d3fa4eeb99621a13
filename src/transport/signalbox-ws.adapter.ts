import type { Server } from 'node:http';
import type { INestApplication, Type, WebSocketAdapter, WsMessageHandler } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import type { Observable } from 'rxjs';
import { type WebSocket, WebSocketServer } from 'ws';
import { EndpointContext } from './endpoint/endpoint-context.js';
import { RequestRouter } from './http/request-router.js';
import { gatewayOptionsOf } from './signalbox-gateway.js';
import { SocketIo } from './socket-io/socket-io.module.js';
import { Endpoint } from './websocket/endpoint.js';

/** Options of a gateway, as Nest passes them. */
interface NestGatewayOptions {
  /** The class of the gateway, if it is marked with `@SignalboxGateway`. */
  readonly gateway?: Type<object>;
  readonly path?: string;
  readonly namespace?: string;
}

/** The adapter of the application's own gateways. Those of Nest have all members. */
export type GatewayAdapter = WebSocketAdapter<object> & {
  forceCloseConnections?: boolean;
  dispose?(): Promise<void>;
};

/** A server of socket.io. */
interface PathServer {
  path?(): string;
}

/**
 * Nest's WebSocket adapter, with all gateways behind one router on the application's HTTP server. The gateways of our own
 * protocols get an endpoint, which dispatches frames in order and without promises. The gateways of an application that
 * imports Signalbox are left to another adapter, by default Nest's for ws.
 */
export class SignalboxWsAdapter implements WebSocketAdapter<object> {
  private readonly router: RequestRouter;
  private readonly endpoints = new Set<object>();

  constructor(
    private readonly app: INestApplication,
    private readonly gateways: GatewayAdapter = new WsAdapter(app),
  ) {
    this.router = this.inject(RequestRouter);
    this.router.attach(app.getHttpServer() as Server);
  }

  /** Whether Nest has created a gateway of our own with this adapter. */
  get hasEndpoints(): boolean {
    return this.endpoints.size > 0;
  }

  /** Set by Nest from the option of the same name. */
  set forceCloseConnections(value: boolean) {
    this.gateways.forceCloseConnections = value;
  }

  create(port: number, options: NestGatewayOptions): object {
    const { gateway, namespace } = options;
    if (gateway) return this.createEndpoint(gateway);
    // A server on a port of its own does not pass the router, and a namespace is part of a server that already exists.
    if (port !== 0 || namespace !== undefined) return this.gateways.create(port, options);
    return this.gateways instanceof WsAdapter
      ? this.createServer(this.gateways, options)
      : this.createBeside(this.gateways, options);
  }

  bindClientConnect(server: object, callback: (client: object) => void): void {
    if (!this.endpoints.has(server)) this.gateways.bindClientConnect(server, callback);
  }

  bindClientDisconnect(client: object, callback: (reason?: unknown) => void): void {
    this.gateways.bindClientDisconnect?.(client, callback);
  }

  bindMessageHandlers(
    client: object,
    handlers: WsMessageHandler[],
    transform: (data: unknown) => Observable<unknown>,
  ): void {
    this.gateways.bindMessageHandlers(client, handlers, transform);
  }

  async close(server: object): Promise<void> {
    if (!this.endpoints.has(server)) await this.gateways.close(server);
  }

  async dispose(): Promise<void> {
    await this.gateways.dispose?.();
  }

  /** Nest passes an error on to the caller of `app.init` or `app.listen`, which it would not do from `afterInit`. */
  private createEndpoint(gateway: Type<object>): object {
    const parts = [this.inject(EndpointContext), this.inject(gateway)] as const;
    const isSocketIo = gatewayOptionsOf(gateway).over === 'socket.io';
    const endpoint = isSocketIo ? this.inject(SocketIo).serve(...parts) : this.newEndpoint(...parts);
    this.endpoints.add(endpoint);
    return endpoint;
  }

  /** Creates the endpoint of a protocol over plain WebSocket. */
  protected newEndpoint(context: EndpointContext, gateway: object): object {
    return new Endpoint(context, gateway);
  }

  /** Creates a server of ws behind the router. Nest's adapter would close the connections of our protocols. */
  private createServer(adapter: WsAdapter, { path = '/', ...options }: NestGatewayOptions): object {
    const server = adapter.bindErrorHandler(new WebSocketServer({ ...options, noServer: true })) as WebSocketServer;
    this.router.route(
      path,
      {
        upgrade: (request, socket, head, place) => {
          socket.once('close', () => place?.giveBack());
          server.handleUpgrade(request, socket, head, (ws: WebSocket) => server.emit('connection', ws, request));
        },
      },
      'application',
    );
    return server;
  }

  /** Lets the application's adapter listen for upgrades beside the router. */
  private createBeside(adapter: GatewayAdapter, options: NestGatewayOptions): object {
    // By default engine.io, below socket.io, ends upgrades that are not its own after a second.
    const server = adapter.create(0, { ...options, destroyUpgrade: false }) as PathServer;
    const path = options.path ?? server.path?.();
    if (path !== undefined) this.router.reserve(path);
    return server;
  }

  private inject<T>(type: Type<T>): T {
    return this.app.get(type, { strict: false });
  }
}
