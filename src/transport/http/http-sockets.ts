import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Injectable } from '@nestjs/common';
import { addressGroup } from '../../common/address-group.js';
import { LimitOptions } from '../../config/sections/limit.options.js';
import { ServerOptions } from '../../config/sections/server.options.js';
import { Places } from '../bounds/places.js';
import { compileTrust, parseAddress, type Trust } from './client-address.js';

/** Sockets beyond `maxConnections`, for ordinary requests such as health checks. */
const SPARE_SOCKETS = 1000;

/** The same for each address. A polling client may have two sockets at a time. */
const SOCKETS_PER_CONNECTION = 2;
const SPARE_SOCKETS_PER_ADDRESS = 64;

/** Maximum number of sockets examined in search of one to close. */
const TRIES = 64;

/** A socket that is no WebSocket, with its last request. */
interface PlainSocket {
  readonly socket: Socket;
  request?: IncomingMessage;
  response?: ServerResponse;
}

/**
 * Bounds the TCP connections of the HTTP server, in all and for each address. When there are too many in all, it closes
 * the oldest one on which no request waits for an answer, so that health checks and new clients are served.
 */
@Injectable()
export class HttpSockets {
  private readonly trust: Trust | undefined;
  private readonly byGroup = new Map<string, number>();
  /** Sockets that are no WebSockets, by `keyOf`, the oldest first. */
  private readonly plain = new Map<unknown, PlainSocket>();
  private open = 0;

  constructor(
    private readonly limits: LimitOptions,
    private readonly options: ServerOptions,
    private readonly places: Places,
  ) {
    this.trust = compileTrust(options.proxied);
  }

  /** Number of open TCP connections. */
  get size(): number {
    return this.open;
  }

  /** Bounds the connections of a server, the time for a request's headers, and the idle time of a connection. */
  attach(server: Server): void {
    server.headersTimeout = this.limits.upgradeTimeoutMs;
    server.keepAliveTimeout = this.options.keepAliveTimeoutMs;
    server.on('connection', (socket: Socket) => this.opened(socket));
    // With TLS, requests arrive on another socket object than the one that was opened.
    server.on('secureConnection', (socket: Socket) => {
      const key = keyOf(socket);
      if (this.plain.has(key)) this.plain.set(key, { socket });
    });
  }

  /** Called when a request is about to be answered. Ends its connection if the client does not read the answer. */
  answers(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const { stallTimeoutMs } = this.limits;
    const plain = this.plain.get(keyOf(socket));
    if (plain) Object.assign(plain, { request, response });
    response.setTimeout(stallTimeoutMs, () => {
      if (socket.writableLength > 0) socket.destroy();
      // The server has not answered yet, as with a poll.
      else socket.setTimeout(stallTimeoutMs);
    });
  }

  /** Called when a connection becomes a WebSocket, which has bounds of its own. */
  upgraded(socket: Socket): void {
    this.plain.delete(keyOf(socket));
  }

  private opened(socket: Socket): void {
    const peer = parseAddress(socket.remoteAddress ?? '') ?? '';
    const group = addressGroup(peer);
    const count = (this.byGroup.get(group) ?? 0) + 1;
    if (count > this.limitFor(peer) || (this.open >= this.limits.maxConnections + SPARE_SOCKETS && !this.endOne())) {
      socket.destroy();
      return;
    }
    this.open++;
    this.byGroup.set(group, count);
    const key = keyOf(socket);
    this.plain.set(key, { socket });
    socket.once('close', () => this.closed(group, key));
  }

  private closed(group: string, key: unknown): void {
    const count = this.byGroup.get(group)! - 1;
    if (count > 0) this.byGroup.set(group, count);
    else this.byGroup.delete(group);
    this.plain.delete(key);
    this.open--;
  }

  private limitFor(peer: string): number {
    const { maxConnectionsPerIp } = this.limits;
    if (maxConnectionsPerIp === 0 || peer === '' || this.trust?.(peer, 0) || this.places.spares(peer)) return Infinity;
    return SOCKETS_PER_CONNECTION * maxConnectionsPerIp + SPARE_SOCKETS_PER_ADDRESS;
  }

  /** Ends the oldest connection on which no request waits for an answer. Returns false if it finds none. */
  private endOne(): boolean {
    let tries = TRIES;
    for (const [key, plain] of this.plain) {
      if (tries-- === 0) return false;
      this.plain.delete(key);
      if (!isServed(plain)) {
        plain.socket.destroy();
        return true;
      }
      // It moves to the end, so that the next search does not begin with it.
      this.plain.set(key, plain);
    }
    return false;
  }
}

/** Whether a client waits for an answer of the server. */
function isServed({ socket, request, response }: PlainSocket): boolean {
  return request?.complete === true && response?.writableFinished === false && socket.writableLength === 0;
}

/** Returns the same key for a TLS socket and the TCP socket below it. */
function keyOf(socket: Socket): unknown {
  const { remoteAddress, remotePort } = socket;
  return remotePort === undefined ? socket : `${remoteAddress} ${remotePort}`;
}
