import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isForWebSocket, refuseUpgrade, serveAsPlainRequest } from '../transport/http/upgrade-request.js';
import type { PeerHttpServer } from './peer.types.js';

type Test = (request: IncomingMessage) => boolean;
type Take = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** An upgrade request that keeps its target as it arrived, as requests in Express do. */
export type PeerUpgrade = IncomingMessage & { originalUrl?: string };

const TAKES = Symbol('signalbox:takes');

/** A listener of a PeerServer, with the requests that it takes. */
type Listener = Take & { [TAKES]?: Test };

/**
 * Takes upgrade requests for one PeerServer from an HTTP server. It leaves all others alone if the program has a
 * listener of its own. Otherwise nobody else would answer them, and the first PeerServer does.
 */
export class PeerUpgrades {
  private readonly listener: Listener;

  constructor(
    private readonly server: PeerHttpServer,
    takes: Test,
    private readonly take: Take,
  ) {
    this.listener = Object.assign((...upgrade: Parameters<Take>) => this.received(...upgrade), { [TAKES]: takes });
  }

  listen(): void {
    this.server.on('upgrade', this.listener);
  }

  private received(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.listener[TAKES]?.(request) && isForWebSocket(request)) {
      this.take(request, socket, head);
      return;
    }
    const all = this.server.listeners('upgrade') as Listener[];
    const isAnswered = all.some(
      (listener) => !listener[TAKES] || (isForWebSocket(request) && listener[TAKES](request)),
    );
    if (isAnswered || all[0] !== this.listener) return;
    if (!isForWebSocket(request)) serveAsPlainRequest(this.server, request, socket as Socket);
    else refuseUpgrade(socket, 404);
  }
}
