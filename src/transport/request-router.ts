import { ServerResponse, STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Counters } from '../metrics/counters.js';
import { isAllowedOrigin } from './allowed-origins.js';
import { clientAddress, compileTrust, type Trust } from './client-address.js';
import { Connections } from './connections.js';

/** Completes the handshake of an upgrade request for its path. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer, address: string) => void;

/** TCP connections beyond the WebSocket ones that are still accepted, so that those over the limit get an answer. */
const SPARE_CONNECTIONS = 1000;

/** How long listeners of the application's own may take to answer an upgrade request. */
const OTHERS_TIMEOUT_MS = 1000;

/** The one listener for upgrade requests: bounds first, then the protocol that registered the path. */
@Injectable()
export class UpgradeRouter {
  private readonly routes = new Map<string, UpgradeHandler>();
  private readonly trust: Trust | undefined;
  /** Requests that are still being answered, by their sockets. */
  private readonly answering = new Map<Socket, number>();
  private onAllAnswered?: () => void;
  /** Sockets of upgrade requests that were left to the application's own listeners. */
  private readonly others = new Set<Socket>();
  private draining = false;

  constructor(
    private readonly config: Config,
    private readonly connections: Connections,
    private readonly counters: Counters,
  ) {
    this.trust = compileTrust(config.proxied);
  }

  /** Starts to route the upgrade requests of a server, and bounds how long a request may take to arrive. */
  attach(server: Server): void {
    server.headersTimeout = this.config.upgradeTimeoutMs;
    server.maxConnections = this.config.maxConnections + SPARE_CONNECTIONS;
    server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.answering.set(socket, (this.answering.get(socket) ?? 0) + 1);
      response.once('close', () => {
        const rest = (this.answering.get(socket) ?? 1) - 1;
        if (rest > 0) this.answering.set(socket, rest);
        else this.answering.delete(socket);
        if (this.answering.size === 0) this.onAllAnswered?.();
      });
    });
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      // Pipelined behind a request whose answer is still under way: the two answers would mix.
      if (this.answering.has(socket)) {
        socket.on('error', () => socket.destroy());
        socket.destroy();
        return;
      }
      const handler = this.routes.get(pathOf(request.url ?? '/'));
      if (handler && isForWebSocket(request)) this.upgrade(handler, request, socket, head);
      else if (server.listenerCount('upgrade') > 1) this.leaveToOthers(socket);
      else if (isForWebSocket(request)) this.refuse(socket, 404);
      else serveAsPlainRequest(server, request, socket);
    });
  }

  /**
   * Registers who serves a path. A trailing slash and the query string do not matter.
   * @throws Error if the path is taken
   */
  route(path: string, handler: UpgradeHandler): void {
    const key = pathOf(path);
    if (this.routes.has(key)) throw new Error(`two protocols want the path ${path}`);
    this.routes.set(key, handler);
  }

  /** Resolves as soon as no ordinary request is being answered. */
  async allAnswered(): Promise<void> {
    if (this.answering.size === 0) return;
    await new Promise<void>((resolve) => (this.onAllAnswered = resolve));
  }

  /** Cuts the connections that the application's own listeners have taken over. */
  cutOthers(): void {
    for (const socket of this.others) socket.destroy();
  }

  /** From now on every upgrade request is refused with 503. */
  drain(): void {
    this.draining = true;
  }

  private upgrade(handler: UpgradeHandler, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const address = clientAddress(request, this.trust);
    const status = this.refusal(request, address);
    if (status === undefined) handler(request, socket, head, address);
    else this.refuse(socket, status);
  }

  /** Lets the application's own listeners answer; whom none of them wants is refused. */
  private leaveToOthers(socket: Socket): void {
    const { bytesWritten } = socket;
    this.others.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.others.delete(socket));
    setTimeout(() => {
      if (socket.writable && socket.bytesWritten === bytesWritten) this.refuse(socket, 404);
    }, OTHERS_TIMEOUT_MS).unref();
  }

  private refusal(request: IncomingMessage, address: string): number | undefined {
    const { maxConnections, maxConnectionsPerIp, cors } = this.config;
    if (!isAllowedOrigin(request, cors)) return 403;
    if (this.draining || this.connections.size >= maxConnections) return 503;
    if (maxConnectionsPerIp > 0 && this.connections.countFrom(address) >= maxConnectionsPerIp) return 429;
    return undefined;
  }

  private refuse(socket: Duplex, status: number): void {
    this.counters.refusedUpgrades.add(String(status));
    const text = STATUS_CODES[status] ?? '';
    // A socket may break at any time, and without a listener that would end the process.
    socket.on('error', () => socket.destroy());
    socket.once('finish', () => socket.destroy());
    socket.end(
      `HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
        `Content-Length: ${text.length}\r\n\r\n${text}`,
    );
  }
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

/** The path of a URL, decoded, without the query string and a slash at its end. */
function pathOf(target: string): string {
  // Proxies may send the absolute form (RFC 9112, 3.2.2).
  const url = target.replace(/^https?:\/\/[^/?]*/i, '');
  const query = url.indexOf('?');
  const path = query === -1 ? url : url.slice(0, query);
  return decoded(path.endsWith('/') ? path.slice(0, -1) : path);
}

function decoded(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    // Not an encoding of anything: it is the path of nobody.
    return path;
  }
}
