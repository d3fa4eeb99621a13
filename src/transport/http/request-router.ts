import { type IncomingMessage, type RequestListener, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { BLOCKED } from '../../blocks/blocks-here.js';
import { retryHeaders } from '../../common/retry-after.js';
import { protect } from '../../common/security-headers.js';
import { ServerOptions } from '../../config/sections/server.options.js';
import { Counters } from '../../counters/counters.js';
import { RefusalLog } from '../../logging/refusal-log.js';
import type { Place } from '../bounds/places.js';
import { Admission } from './admission.js';
import { ClaimedPaths, type PathOwner } from './claimed-paths.js';
import { Cors } from './cors.js';
import { handshakeFault, type Refusal } from './handshake.js';
import { HttpSockets } from './http-sockets.js';
import { InnerApplication } from './inner-application.js';
import { canBeRead, internalTarget, pathOf } from './request-path.js';
import { RequestTurns } from './request-turns.js';
import { isForWebSocket, refuseUpgrade, serveAsPlainRequest } from './upgrade-request.js';

/**
 * Serves a path. A request that opens a connection comes with a place for it, which the route gives back at the end. A
 * request that continues a connection comes without one.
 */
export interface Route {
  /** Returns the status with which a request is refused before it takes a place; undefined for one that may go on. */
  refusal?(request: IncomingMessage): number | undefined;
  /** Completes the handshake of an upgrade request. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer, place?: Place): void;
  /** Answers an ordinary request, before the application sees it. */
  answer?(request: IncomingMessage, response: ServerResponse, place?: Place): void;
  /** Whether a request belongs to a connection that is already open. */
  continues?(request: IncomingMessage): boolean;
}

/** How long the application's own listeners may take to answer an upgrade request. */
const OTHERS_TIMEOUT_MS = 1000;

/**
 * The first listener for all requests. It applies bounds and CORS, and passes a request to the protocol that has
 * registered its path, to the HTTP routes of the protocols, or to the application.
 */
@Injectable()
export class RequestRouter implements OnApplicationBootstrap {
  /** Decides which answers pages of other origins may read. */
  readonly cors: Cors;

  private readonly routes = new Map<string, Route>();
  private readonly turns = new RequestTurns();
  /** Sockets that libraries and the application write to, past our own WebSockets. */
  private readonly handedOver = new Set<Socket>();
  private readonly paths = new ClaimedPaths();

  constructor(
    private readonly options: ServerOptions,
    private readonly admission: Admission,
    private readonly sockets: HttpSockets,
    private readonly counters: Counters,
    private readonly refusals: RefusalLog,
    private readonly inner: InnerApplication,
  ) {
    this.cors = new Cors(admission);
  }

  /** Routes all requests of a server, and bounds its connections. */
  attach(server: Server): void {
    this.sockets.attach(server);
    const application = server.listeners('request') as RequestListener[];
    server.removeAllListeners('request');
    const passOn: RequestListener = (...exchange) => {
      for (const listener of application) listener.apply(server, exchange);
    };
    server.on('request', (request, response) => this.requested(request, response, passOn));
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) =>
      this.upgradeRequested(server, request, socket, head),
    );
  }

  /**
   * Fails the start of an application in which two want the same path. Nest does not pass errors of a gateway's
   * `afterInit` to the caller of `app.init`.
   * @throws ConfigError for two protocols; Error for a protocol and a gateway of the application
   */
  onApplicationBootstrap(): void {
    this.paths.check();
  }

  /** Registers the route of a path. A trailing slash and the query string do not matter. */
  route(path: string, route: Route, owner: PathOwner = 'protocol'): void {
    if (this.paths.claim(path, owner)) this.routes.set(pathOf(path), route);
  }

  /** Reserves a path for a listener of the application's own, to which the router leaves its requests. */
  reserve(path: string): void {
    this.paths.claim(path, 'application');
  }

  /** Resolves as soon as no ordinary request is being answered. From now on no request waits for its address's debt. */
  allAnswered(): Promise<void> {
    return this.turns.drained();
  }

  /** Registers a socket that `cutHandedOver` destroys if it is still open by then. */
  handOver(socket: Socket): void {
    this.handedOver.add(socket);
    socket.once('close', () => this.handedOver.delete(socket));
  }

  cutHandedOver(): void {
    for (const socket of this.handedOver) socket.destroy();
  }

  /** Returns the IP address that a request comes from. */
  addressOf(request: IncomingMessage): string {
    return this.admission.addressOf(request);
  }

  /** Returns the path by which a request is routed. Our handlers of the request see its internal target, too. */
  private pathOf(request: IncomingMessage): string {
    request.url = internalTarget(request.url ?? '/', this.options.basePath);
    return pathOf(request.url);
  }

  /** Gives a request its target as it arrived, for the application. Only `basePath` changes the paths of the application. */
  private restore(request: IncomingMessage, url: string | undefined): void {
    if (this.options.basePath === '') request.url = url;
  }

  /** @param passOn leaves a request to the application */
  private requested(request: IncomingMessage, response: ServerResponse, passOn: RequestListener): void {
    const { socket, url } = request;
    const path = this.pathOf(request);
    const route = this.routes.get(path);
    const answer = (): void => {
      if (route?.answer) this.answer(route, request, response);
      else if (this.inner.owns(request, path)) this.inner.answer(request, response);
      else {
        this.restore(request, url);
        passOn(request, response);
      }
    };
    this.turns.add({
      socket,
      response,
      isShort: route?.answer !== undefined,
      budget: () => this.admission.budgetOf(request),
      work: () => this.serve(path, request, response, answer),
    });
  }

  private upgradeRequested(server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void {
    // The request is pipelined behind one whose answer is still being written: the two answers would mix.
    if (this.turns.has(socket)) {
      socket.on('error', () => socket.destroy());
      socket.destroy();
      return;
    }
    const { url } = request;
    const route = this.routes.get(this.pathOf(request));
    if (!route) this.restore(request, url);
    if (this.admission.origins.isMisdirected(request)) this.refuse(request, socket, 421);
    else if (route && isForWebSocket(request)) this.upgrade(route, request, socket, head);
    else if (server.listenerCount('upgrade') > 1) this.leaveToOthers(request, socket);
    else if (isForWebSocket(request)) this.refuse(request, socket, 404);
    else serveAsPlainRequest(server, request, socket);
  }

  /** Applies the rules for all answers, and answers. */
  private serve(path: string, request: IncomingMessage, response: ServerResponse, answer: () => void): void {
    const isConnection = this.routes.get(path)?.answer !== undefined;
    response.once('close', () => {
      if (!isRefusal(response)) return;
      const { statusCode: status } = response;
      const reason = isConnection && this.secondsBlocked(request, status) > 0 ? BLOCKED : undefined;
      this.refusals.note(this.addressOf(request), { status, reason, isConnection });
    });
    this.sockets.answers(request, response);
    if (this.admission.origins.isMisdirected(request)) this.turnAway(request, response, 421);
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
    if (typeof admitted === 'number') this.turnAway(request, response, admitted);
    else route.answer?.(request, response, admitted);
  }

  private turnAway(request: IncomingMessage, response: ServerResponse, status: number): void {
    protect(response);
    const headers = this.countRefusal(status, this.secondsBlocked(request, status));
    response.writeHead(status, { ...headers, 'Content-Type': 'text/plain' }).end(STATUS_CODES[status]);
  }

  /** Counts a refusal. Returns the headers that tell when to try again. */
  private countRefusal(status: number, secondsBlocked: number): Readonly<Record<string, string>> {
    this.counters.refusedUpgrades.add(secondsBlocked > 0 ? `${status} ${BLOCKED}` : String(status));
    return retryHeaders(status, secondsBlocked > 0 ? secondsBlocked : undefined);
  }

  /** Seconds for which the address of a request is blocked that is refused with this status; 0: it is not. */
  private secondsBlocked(request: IncomingMessage, status: number): number {
    return status === 403 ? this.admission.secondsBlocked(request) : 0;
  }

  /** Leaves the upgrade to the application's own listeners. Replies 404 if none of them takes it in time. */
  private leaveToOthers(request: IncomingMessage, socket: Socket): void {
    this.sockets.upgraded(socket);
    const { bytesWritten } = socket;
    this.handOver(socket);
    socket.on('error', () => socket.destroy());
    setTimeout(() => {
      if (socket.writable && socket.bytesWritten === bytesWritten) this.refuse(request, socket, 404);
    }, OTHERS_TIMEOUT_MS).unref();
  }

  /**
   * Returns the place of the connection that a request opens, nothing if it continues one, or the status of its
   * refusal.
   */
  private admit(route: Route, request: IncomingMessage): Place | undefined | number {
    if (!canBeRead(request.url)) return 400;
    if (route.continues?.(request)) return undefined;
    return route.refusal?.(request) ?? this.admission.admit(request);
  }

  /** Refuses an upgrade with an HTTP status. */
  refuse(request: IncomingMessage, socket: Duplex, status: number, headers: Refusal['headers'] = {}): void {
    const seconds = this.secondsBlocked(request, status);
    const reason = seconds > 0 ? BLOCKED : undefined;
    this.refusals.note(this.addressOf(request), { status, reason, path: request.url, isConnection: true });
    refuseUpgrade(socket, status, { ...headers, ...this.countRefusal(status, seconds) });
  }
}

/** Whether an answer refuses a request. Other server errors are logged where they happen. */
function isRefusal({ statusCode }: ServerResponse): boolean {
  return (statusCode >= 400 && statusCode < 500) || statusCode === 503;
}
