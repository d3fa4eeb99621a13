import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Injectable } from '@nestjs/common';
import { addressGroup } from '../../common/address-group.js';
import { LimitOptions } from '../../config/sections/limit.options.js';
import { ServerOptions } from '../../config/sections/server.options.js';
import { Places } from '../bounds/places.js';
import { compileTrust, parseAddress, type Trust } from './client-address.js';

/** Sockets beyond those of `maxConnections` that are kept for ordinary requests, such as health checks. */
const SPARE_SOCKETS = 1000;

/** The same for each address: a client that polls may have two sockets at a time. */
const SOCKETS_PER_CONNECTION = 2;
const SPARE_SOCKETS_PER_ADDRESS = 64;

/** Sockets that are looked at in search of one that may go. */
const TRIES = 64;

/** A socket that is no WebSocket, with the last request that came on it. */
interface PlainSocket {
  readonly socket: Socket;
  request?: IncomingMessage;
  response?: ServerResponse;
}

/**
 * The TCP connections of the HTTP server, bounded for each address and in all. When there are too many in all, the server
 * closes the oldest one on which no request awaits its answer, so that health checks and newcomers are served.
 */
@Injectable()
export class HttpSockets {
  private readonly trust: Trust | undefined;
  private readonly byGroup = new Map<string, number>();
  /** Those that are no WebSockets, by `keyOf`, the oldest first. */
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

  /** Starts to bound the connections of a server, the time for a request's headers, and the time that a connection may be idle. */
  attach(server: Server): void {
    server.headersTimeout = this.limits.upgradeTimeoutMs;
    server.keepAliveTimeout = this.options.keepAliveTimeoutMs;
    server.on('connection', (socket: Socket) => this.opened(socket));
    // With TLS, requests come on a socket that stands for the one which was opened.
    server.on('secureConnection', (socket: Socket) => {
      if (this.plain.has(keyOf(socket))) this.note(socket);
    });
  }

  /** Notes that a request is being answered, and ends its connection if the answer is not read. */
  answers(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const { stallTimeoutMs } = this.limits;
    const plain = this.plain.get(keyOf(socket));
    if (plain) Object.assign(plain, { request, response });
    response.setTimeout(stallTimeoutMs, () => {
      if (socket.writableLength > 0) socket.destroy();
      // It is the server that takes its time, as with a poll.
      else socket.setTimeout(stallTimeoutMs);
    });
  }

  /** Notes that a connection has become a WebSocket, which has bounds of its own. */
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
    this.note(socket);
    const key = keyOf(socket);
    socket.once('close', () => this.closed(group, key));
  }

  private note(socket: Socket): void {
    this.plain.set(keyOf(socket), { socket });
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

  /** Ends the oldest connection on which no request awaits an answer; false if none is found. */
  private endOne(): boolean {
    let tries = TRIES;
    for (const [key, plain] of this.plain) {
      if (tries-- === 0) return false;
      this.plain.delete(key);
      if (!isServed(plain)) {
        plain.socket.destroy();
        return true;
      }
      // Behind the others, so that the next search does not begin with it.
      this.plain.set(key, plain);
    }
    return false;
  }
}

/** Whether a client waits for an answer that the server has not given yet. */
function isServed({ socket, request, response }: PlainSocket): boolean {
  return request?.complete === true && response?.writableFinished === false && socket.writableLength === 0;
}

/** The same for a socket of TLS and the one that it stands for. */
function keyOf(socket: Socket): unknown {
  const { remoteAddress, remotePort } = socket;
  return remotePort === undefined ? socket : `${remoteAddress} ${remotePort}`;
}
