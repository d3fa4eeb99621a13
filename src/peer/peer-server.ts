import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Express } from 'express';
import { requestTimeouts } from '../transport/http/http.adapter.js';
import type { PeerApplication } from './peer.application.js';
import { PeerMount } from './peer.mount.js';
import { type PeerSetup, readOptions } from './peer.options.js';
import type { PeerHttpServer, PeerServerApp, PeerServerOptions } from './peer.types.js';

/**
 * Creates a PeerServer for a program with an HTTP server of its own, in the place of `ExpressPeerServer` of npm `peer`.
 * The program mounts the result in an Express application: `app.use('/myapp', ExpressPeerServer(server, options))`.
 * The server starts then. Requests that arrive before it has started wait. It ends when the HTTP server stops to
 * listen: clients are disconnected with the close code 1012.
 * @throws ConfigError for an invalid option. Mounting throws an Error without a server, and a ConfigError for an
 *   unsuitable result of `createWebSocketServer`
 */
export function ExpressPeerServer(server: PeerHttpServer, options: PeerServerOptions = {}): PeerServerApp {
  return mountable(server, readOptions(options));
}

/**
 * Starts a server with PeerJS alone, in the place of `PeerServer` of npm `peer`.
 * @param callback called with the HTTP server when it listens
 * @returns the Express application that emits the events. It emits `error` if the server cannot listen
 * @throws ConfigError for an invalid option, and for an unsuitable result of `createWebSocketServer`
 */
export function PeerServer(
  options: PeerServerOptions = {},
  callback?: (server: PeerHttpServer) => void,
): PeerServerApp {
  const setup = readOptions(options);
  const app = newExpress();
  const server = createServer(setup, app);
  const peerServer = mountable(server, setup, (application) => application.bound(server));
  app.use(peerServer);
  server.listen(setup.port, setup.host, () => callback?.(server));
  return peerServer;
}

function createServer({ ssl, config }: PeerSetup, listener: RequestListener): PeerHttpServer {
  const timeouts = requestTimeouts(config);
  return ssl ? createHttpsServer({ ...timeouts, ...ssl }, listener) : createHttpServer(timeouts, listener);
}

function mountable(
  server: PeerHttpServer,
  setup: PeerSetup,
  onStart: (application: PeerApplication) => void = () => undefined,
): PeerServerApp {
  const app = newExpress();
  if (setup.config.proxied !== false) app.set('trust proxy', setup.config.proxied);
  const mount = new PeerMount(app, server, setup, onStart);
  app.on('mount', (parent) => {
    // Programs in JavaScript may forget it, and would learn of it from no type.
    if (!(server as PeerHttpServer | undefined)) {
      throw new Error("Server is not passed to constructor - can't start PeerServer");
    }
    mount.add(parent);
  });
  return app as PeerServerApp;
}

/** Creates an Express application. It comes from Nest's adapter, so that both use one copy of Express. */
function newExpress(): Express {
  const adapter = new ExpressAdapter();
  adapter.disable('x-powered-by');
  return adapter.getInstance<Express>();
}
