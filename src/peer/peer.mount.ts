import type { IncomingMessage } from 'node:http';
import { posix } from 'node:path';
import type { Duplex } from 'node:stream';
import cors from 'cors';
import type { Application, Express, NextFunction, Request, Response } from 'express';
import { mountPath } from '../protocols/peerjs/peerjs.path.js';
import { internalTarget, pathOf } from '../transport/http/request-path.js';
import { PeerApplication } from './peer.application.js';
import { PeerHost } from './peer.host.js';
import type { PeerSetup } from './peer.options.js';
import type { PeerHttpServer } from './peer.types.js';
import { type PeerUpgrade, PeerUpgrades } from './peer.upgrades.js';
import { PeerWebSockets } from './peer.web-sockets.js';

/** Last segment of the path of WebSockets. */
const WEBSOCKETS = 'peerjs';

/** The requests of PeerJS clients, relative to the path of the PeerServer. All others are left to the program. */
const ROUTE = /^\/(?:[^/]+\/(?:id|peers)\/?)?$/i;

/** Characters with a meaning in the paths of Express. */
const SPECIAL = /[{}[\]()+?!*:\\]/g;

/** A place of the program at which an Express application is mounted. */
interface Place {
  readonly parent: Application;
  readonly mountpath: string | string[];
}

/** Connects an Express application to the HTTP server of a program when the program mounts it. */
export class PeerMount {
  private readonly places: Place[] = [];
  private host?: PeerHost;
  /** The server of the program, if it has given `createWebSocketServer`. */
  private webSockets?: PeerWebSockets;

  constructor(
    private readonly app: Express,
    private readonly server: PeerHttpServer,
    private readonly setup: PeerSetup,
    /** Called with each application of this server when it has started. */
    private readonly onStart: (application: PeerApplication) => void,
  ) {}

  /** Serves a place. The first one starts the application. */
  add(parent: Application): void {
    this.places.push({ parent, mountpath: this.app.mountpath });
    if (this.host) return;
    const { createWebSocketServer } = this.setup;
    if (createWebSocketServer) {
      const [path] = this.paths();
      this.webSockets = new PeerWebSockets(createWebSocketServer, path!, this.server, (error) => this.fail(error));
    }
    this.host = new PeerHost(
      this.server,
      () => this.start(parent),
      (error) => this.fail(error),
    );
    const { corsOptions, path } = this.setup;
    const literal = mountPath(path).replace(SPECIAL, '\\$&') || '/';
    this.app.use(literal, cors(corsOptions), (...exchange) => void this.answer(...exchange));
    new PeerUpgrades(
      this.server,
      (request) => this.isForUs(request),
      (...upgrade) => void this.upgrade(...upgrade),
    ).listen();
    // The server of the program emits the errors of its HTTP server.
    if (this.webSockets) return;
    // Without another listener, Node ends the process.
    this.server.on('error', (error) => {
      if (this.app.listenerCount('error') > 0 || this.server.listenerCount('error') === 1) this.fail(error);
    });
  }

  private async start(parent: Application): Promise<PeerApplication> {
    const application = await PeerApplication.start(this.setupBehind(parent), this.app, this.webSockets);
    this.onStart(application);
    return application;
  }

  /** Returns the setup with the proxies that the program trusts, unless it has named others. */
  private setupBehind(parent: Application): PeerSetup {
    const trust = parent.get('trust proxy') as unknown;
    const proxied = Array.isArray(trust) ? trust.join(',') : trust;
    if (this.setup.knowsProxies || !['boolean', 'number', 'string'].includes(typeof proxied)) return this.setup;
    return { ...this.setup, config: { ...this.setup.config, proxied: proxied as boolean | number | string } };
  }

  /** Emits `error`. Without a listener that throws, as in every emitter, and ends the process. */
  private fail(error: unknown): void {
    this.app.emit('error', error);
  }

  private async answer(request: Request, response: Response, next: NextFunction): Promise<void> {
    if (!['GET', 'HEAD'].includes(request.method) || !ROUTE.test(request.path)) {
      next();
      return;
    }
    try {
      const application = await this.host?.application;
      if (application) application.answer(request, response);
      else response.sendStatus(503);
    } catch (error) {
      next(error);
    }
  }

  private async upgrade(request: PeerUpgrade, socket: Duplex, head: Buffer): Promise<void> {
    const destroy = (): void => void socket.destroy();
    socket.on('error', destroy);
    try {
      const application = await this.host?.application;
      const { search } = new URL(request.url ?? '', 'http://any');
      request.originalUrl = request.url;
      request.url = `/${WEBSOCKETS}${search}`;
      if (application) application.upgrade(request, socket, head);
      else destroy();
    } catch {
      // The failed start has been reported.
      destroy();
    }
    socket.off('error', destroy);
  }

  /** Whether a request is for a WebSocket of this server. The program may mount a parent later, so paths are read now. */
  private isForUs({ url = '' }: IncomingMessage): boolean {
    return this.paths().includes(pathOf(internalTarget(url, '')));
  }

  /** Returns the paths of WebSockets. */
  private paths(): string[] {
    return this.places.flatMap(({ parent, mountpath }) =>
      [mountpath].flat().map((place) => posix.join('/', parent.path(), place, this.setup.path, WEBSOCKETS)),
    );
  }
}
