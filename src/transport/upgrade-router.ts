import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
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

/** The one listener for upgrade requests: bounds first, then the protocol that registered the path. */
@Injectable()
export class UpgradeRouter {
  private readonly routes = new Map<string, UpgradeHandler>();
  private readonly trust: Trust;
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
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.upgrade(request, socket, head);
    });
  }

  /**
   * Registers who serves a path. A trailing slash and the query string do not matter.
   * @throws Error if the path is taken
   */
  route(path: string, handler: UpgradeHandler): void {
    const key = withoutTrailingSlash(path);
    if (this.routes.has(key)) throw new Error(`two protocols want the path ${path}`);
    this.routes.set(key, handler);
  }

  /** From now on every upgrade request is refused with 503. */
  drain(): void {
    this.draining = true;
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const address = clientAddress(request, this.trust);
    const handler = this.routes.get(pathOf(request.url ?? '/'));
    const status = handler ? this.refusal(request, address) : 404;
    if (status === undefined) handler?.(request, socket, head, address);
    else this.refuse(socket, status);
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

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return withoutTrailingSlash(query === -1 ? url : url.slice(0, query));
}

function withoutTrailingSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
