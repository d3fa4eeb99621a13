import type { INestApplication } from '@nestjs/common';
import { installAdapter } from './app-setup.js';
import { Log } from './logging/log.js';
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
