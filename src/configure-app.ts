import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { installAdapter } from './app-setup.js';
import { Config } from './config/config.js';
import { Log } from './logging/log.js';
import type { SignalboxOptions } from './signalbox-options.js';
import { removeStaleSocket } from './transport/http/stale-socket.js';
import { type GatewayAdapter, SignalboxWsAdapter } from './transport/signalbox-ws.adapter.js';

export interface ConfigureOptions {
  /**
   * `host` passes the server's lines to the application's logger, `server` passes Nest's lines to the server's log. By
   * default each of them writes its own.
   */
  readonly logger?: 'host' | 'server';
  /** The adapter of the application's own gateways, or a function that creates it. Default: `new WsAdapter(app)`. */
  readonly gateways?: GatewayAdapter | ((app: INestApplication) => GatewayAdapter);
}

/**
 * Sets the WebSocket adapter of an application that imports SignalboxModule, which a module cannot do. Must be called
 * once, before `app.listen` and `app.init`.
 * @throws Error for an application without SignalboxModule, or in which the server cannot run
 */
export function configureApp<T extends INestApplication>(app: T, { logger, gateways }: ConfigureOptions = {}): T {
  installAdapter(app, () => new SignalboxWsAdapter(app, typeof gateways === 'function' ? gateways(app) : gateways));
  const log = app.get(Log, { strict: false });
  if (logger === 'host') log.useHost();
  if (logger === 'server') app.useLogger(log);
  return app;
}

/**
 * Creates the stand-alone application with the admin API, metrics, health checks and documentation. It does not listen
 * yet.
 * @throws ConfigError for an invalid option
 */
export async function createApp(options: SignalboxOptions = {}): Promise<NestExpressApplication> {
  const { createStandAlone } = await import('./stand-alone.js');
  return createStandAlone(options);
}

/**
 * Listens on the configured address. `::` means all addresses, even on a machine without IPv6.
 * @returns the port, or the path of the Unix socket or Windows pipe
 * @throws Error with a `code` of the operating system, such as EADDRINUSE
 */
export async function listen(app: INestApplication): Promise<number | string> {
  const { host, port } = app.get(Config);
  if (typeof port === 'string') return listenOnPath(app, port);
  try {
    await app.listen(port, host);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (host !== '::' || !['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes(code)) throw error;
    await app.listen(port, '0.0.0.0');
  }
  return ((app.getHttpServer() as Server).address() as AddressInfo).port;
}

/**
 * Listens on a Unix socket or Windows pipe, and replaces the socket file of a crashed server. Closing removes the file.
 */
async function listenOnPath(app: INestApplication, path: string): Promise<string> {
  try {
    await app.listen(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || !(await removeStaleSocket(path))) throw error;
    await app.listen(path);
  }
  return path;
}
