import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AdminModule } from './admin/admin.module.js';
import { securityHeaders } from './common/security-headers.js';
import { Config } from './config/config.js';
import { configOf } from './config/load-config.js';
import type { Extension } from './extensions.module.js';
import { Log } from './logging/log.js';
import { MonitoringModule } from './monitoring/monitoring.module.js';
import { serveDocs } from './openapi.js';
import { SignalboxModule } from './signalbox.module.js';
import { HttpAdapter } from './transport/http/http.adapter.js';
import { removeStaleSocket } from './transport/http/stale-socket.js';
import { SignalboxWsAdapter } from './transport/signalbox-ws.adapter.js';

/** Sets the WebSocket adapter and the log of an application that imports SignalboxModule, which a module cannot do. */
export function configureApp<T extends INestApplication>(app: T): T {
  app.useLogger(app.get(Log, { strict: false }));
  app.useWebSocketAdapter(new SignalboxWsAdapter(app));
  return app;
}

/**
 * Creates the stand-alone application, which does not listen yet. Takes the parameters of `SignalboxModule.forRoot`.
 */
export async function createApp(
  options: Partial<Config> = {},
  extensions: readonly Extension[] = [],
): Promise<NestExpressApplication> {
  const config = configOf(Config, options);
  const app = await NestFactory.create<NestExpressApplication>(
    {
      module: StandAloneModule,
      imports: [SignalboxModule.forRoot(config, extensions), AdminModule, MonitoringModule],
    },
    new HttpAdapter(config),
    { bufferLogs: true, abortOnError: false },
  );
  // Before all routes, so that 404 responses have the headers, too.
  app.use(securityHeaders);
  configureApp(app);
  serveDocs(app);
  return app;
}

/** The stand-alone application. */
@Module({})
class StandAloneModule {}

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
