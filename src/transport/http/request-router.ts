import { ServerResponse, STATUS_CODES, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ConfigError } from '../../config/load-config.js';
import { ClusterOptions } from '../../config/sections/cluster.options.js';
import { ServerOptions } from '../../config/sections/server.options.js';
import { Backplane } from '../../common/backplane.js';
import { protect } from '../../common/security-headers.js';
import { RefusalLog } from '../../logging/refusal-log.js';
import { Counters } from '../../counters/counters.js';
import { AllowedOrigins } from './allowed-origins.js';
import { clientAddress, compileTrust, peerAddress, type Trust } from './client-address.js';
import { Cors } from './cors.js';
import { handshakeFault, type Refusal } from './handshake.js';
import { HttpSockets } from './http-sockets.js';
import { Places, type Place } from '../bounds/places.js';
import { internalTarget, pathOf } from './request-path.js';
import { RequestTurns } from './request-turns.js';
import type { TokenBucket } from '../bounds/token-bucket.js';

/**
 * What serves a path. A place is for the connection that a request begins, and is to be given back; a request that continues
 * a connection has none.
 */
export interface Route {
  /** Completes the handshake of an upgrade request. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer, place?: Place): void;
  /** Answers an ordinary request, before anything of the application sees it. */
  answer?(request: IncomingMessage, response: ServerResponse, place?: Place): void;
  /** Whether a request belongs to a connection that was admitted already. */
  continues?(request: IncomingMessage): boolean;
}

/** For telling whether the target of a request can be read at all; libraries throw at others. */
const ANY_BASE = 'http://any';

/** How long listeners of the application's own may take to answer an upgrade request. */
const OTHERS_TIMEOUT_MS = 1000;

/** The first listener for requests: bounds first, then the protocol that registered the path, or the application. */
@Injectable()
export class RequestRouter implements OnApplicationBootstrap {
  /** Which answers pages of other origins may read. */
  readonly cors: Cors;

  private readonly routes = new Map<string, Route>();
  private readonly trust: Trust | undefined;
  private readonly origins: AllowedOrigins;
  private readonly turns = new RequestTurns();
  /** Sockets that were handed to others than our own WebSocket endpoints. */
  private readonly handedOver = new Set<Socket>();
  /** The first path that is configured for two protocols. */
  private conflict?: string;
  private draining = false;

  constructor(
    private readonly options: ServerOptions,
    private readonly cluster: ClusterOptions,
    private readonly places: Places,
    private readonly sockets: HttpSockets,
    private readonly counters: Counters,
    private readonly backplane: Backplane,
    private readonly refusals: RefusalLog,
  ) {
    this.trust = compileTrust(options.proxied);
    this.origins = new AllowedOrigins(options);
    this.cors = new Cors(this.origins);
  }

  /** Starts to route the upgrade requests of a server and to bound its connections. */
  attach(server: Server): void {
    this.sockets.attach(server);
    const application = server.listeners('request') as RequestListener[];
    server.removeAllListeners('request');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const path = this.pathOf(request);
      const route = this.routes.get(path);
      const { socket } = request;
      const answer = (): void => {
        if (route?.answer) this.answer(route, request, response);
        else for (const listener of application) listener.call(server, request, response);
      };
      const work = (): void => this.serve(path, request, response, answer);
      this.turns.add({
        socket,
        response,
        isShort: route?.answer !== undefined,
        budget: () => this.budgetOf(request),
        work,
      });
    });
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      // Pipelined behind a request whose answer is still under way: the two answers would mix.
      if (this.turns.has(socket)) {
        socket.on('error', () => socket.destroy());
        socket.destroy();
        return;
      }
      const route = this.routes.get(this.pathOf(request));
      if (this.origins.isMisdirected(request)) this.refuse(request, socket, 421);
      else if (route && isForWebSocket(request)) this.upgrade(route, request, socket, head);
      else if (server.listenerCount('upgrade') > 1) this.leaveToOthers(request, socket);
      else if (isForWebSocket(request)) this.refuse(request, socket, 404);
      else serveAsPlainRequest(server, request, socket);
    });
  }

  /**
   * Reports a conflict only now: an error in a gateway's `afterInit` does not reach the caller of `app.init`.
   * @throws ConfigError if two protocols share a path
   */
  onApplicationBootstrap(): void {
    if (this.conflict === undefined) return;
    const options = 'connectorPath, path (PeerJS) and socketIoPath';
    throw new ConfigError([`two protocols are configured for the path ${this.conflict}: ${options} must differ`]);
  }

  /** Registers what serves a path. A trailing slash and the query string do not matter. */
  route(path: string, route: Route): void {
    const key = pathOf(path);
    if (this.routes.has(key)) this.conflict ??= path;
    else this.routes.set(key, route);
  }

  /** Resolves as soon as no ordinary request is being answered. */
  allAnswered(): Promise<void> {
    return this.turns.idle();
  }

  /** Notes a socket that is to be cut at the end of a drain, if it is still open. */
  handOver(socket: Socket): void {
    this.handedOver.add(socket);
    socket.once('close', () => this.handedOver.delete(socket));
  }

  cutHandedOver(): void {
    for (const socket of this.handedOver) socket.destroy();
  }

  /** The IP address that a request comes from. */
  addressOf(request: IncomingMessage): string {
    return clientAddress(request, this.trust);
  }

  get isDraining(): boolean {
    return this.draining;
  }

  /** From now on every request for a new connection is refused with 503. */
  drain(): void {
    this.draining = true;
  }

  /** The path by which a request is routed; whatever handles the request sees it as such, too. */
  private pathOf(request: IncomingMessage): string {
    request.url = internalTarget(request.url ?? '/', this.options.basePath);
    return pathOf(request.url);
  }

  /** Does what all answers need, and then answers. */
  private serve(path: string, request: IncomingMessage, response: ServerResponse, answer: () => void): void {
    response.once('close', () => {
      if (isRefusal(response)) this.refusals.note(this.addressOf(request), { status: response.statusCode });
    });
    this.sockets.answers(request, response);
    if (this.origins.isMisdirected(request)) this.turnAway(response, 421);
    else this.cors.apply(path, request, response, answer);
  }

  private upgrade(route: Route, request: IncomingMessage, socket: Socket, head: Buffer): void {
    const fault = canBeRead(request.url) ? handshakeFault(request) : { status: 400 };
    const admitted = fault?.status ?? this.admit(route, request);
    if (typeof admitted === 'number') this.refuse(request, socket, admitted, fault?.headers);
    else {
      this.sockets.upgraded(socket);
      route.upgrade(request, socket, head, admitted);
    }
  }

  private answer(route: Route, request: IncomingMessage, response: ServerResponse): void {
    protect(response);
    const admitted = this.admit(route, request);
    if (typeof admitted === 'number') this.turnAway(response, admitted);
    else route.answer?.(request, response, admitted);
  }

  private turnAway(response: ServerResponse, status: number): void {
    protect(response);
    this.counters.refusedUpgrades.add(String(status));
    response.writeHead(status, { 'Content-Type': 'text/plain' }).end(STATUS_CODES[status]);
  }

  /** Lets the application's own listeners answer; whom none of them wants is refused. */
  private leaveToOthers(request: IncomingMessage, socket: Socket): void {
    this.sockets.upgraded(socket);
    const { bytesWritten } = socket;
    this.handOver(socket);
    socket.on('error', () => socket.destroy());
    setTimeout(() => {
      if (socket.writable && socket.bytesWritten === bytesWritten) this.refuse(request, socket, 404);
    }, OTHERS_TIMEOUT_MS).unref();
  }

  /** The place of the connection that a request begins, if it begins one, or the status of its refusal. */
  private admit(route: Route, request: IncomingMessage): Place | undefined | number {
    if (!canBeRead(request.url)) return 400;
    if (route.continues?.(request)) return undefined;
    if (!this.origins.allows(request)) return 403;
    if (this.draining) return 503;
    if (!this.backplane.isAvailable && !this.cluster.serveWithoutRedis) return 503;
    return this.places.take(this.addressOf(request), this.isSpared(request));
  }

  /** What the address of a request may cost; undefined if it has no bounds. */
  private budgetOf(request: IncomingMessage): TokenBucket | undefined {
    return this.places.budgetOf(this.addressOf(request), this.isSpared(request));
  }

  /** Whether the limits for each address do not hold: an unnamed proxy may have sent the request. */
  private isSpared(request: IncomingMessage): boolean {
    const address = this.addressOf(request);
    return address === peerAddress(request) && this.places.spares(address);
  }

  private refuse(request: IncomingMessage, socket: Duplex, status: number, headers: Refusal['headers'] = {}): void {
    this.refusals.note(this.addressOf(request), { status, path: request.url });
    this.counters.refusedUpgrades.add(String(status));
    const text = STATUS_CODES[status] ?? '';
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    // A socket may break at any time, and without a listener that would end the process.
    socket.on('error', () => socket.destroy());
    socket.once('finish', () => socket.destroy());
    socket.end(
      `HTTP/1.1 ${status} ${text}\r\n${lines.join('')}Connection: close\r\nContent-Type: text/plain\r\n` +
        `Content-Length: ${text.length}\r\n\r\n${text}`,
    );
  }
}

/** Server faults are logged where they happen. */
function isRefusal({ statusCode }: ServerResponse): boolean {
  return (statusCode >= 400 && statusCode < 500) || statusCode === 503;
}

function isForWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

/**
 * Answers a request that asks for a protocol which nobody here speaks (h2c, say) as if it did not (RFC 9110, 7.8). Node has
 * detached its parser by now, so that a body would not be read: it is answered without one.
 */
function serveAsPlainRequest(server: Server, request: IncomingMessage, socket: Socket): void {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.on('finish', () => {
    socket.destroySoon();
  });
  socket.on('error', () => socket.destroy());
  server.emit('request', request, response);
}

/** Whether the target of a request is one at all. */
function canBeRead(target = ''): boolean {
  return URL.canParse(target, ANY_BASE);
}
