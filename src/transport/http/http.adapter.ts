import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerOptions,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { NestApplicationOptions } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { configOf } from '../../config/load-config.js';
import type { KeyPair } from '../../config/pem-files.js';
import { clientAddress, compileTrust } from './client-address.js';
import { PlainExpressAdapter } from './plain-express.adapter.js';
import { readTlsFiles } from './tls-files.js';

/** How often Node checks for slow requests. With its default of 30 s, a limit of a few seconds would have no effect. */
const CHECKING_INTERVAL_MS = 500;

/** Returns the options of an HTTP server that bound how long a request may take to arrive. */
export function requestTimeouts({ upgradeTimeoutMs }: Pick<Config, 'upgradeTimeoutMs'>): ServerOptions {
  return {
    headersTimeout: upgradeTimeoutMs,
    requestTimeout: 2 * upgradeTimeoutMs,
    connectionsCheckingInterval: CHECKING_INTERVAL_MS,
  };
}

/** Nest's adapter for Express, with a bound on how long a request may take to arrive, and with TLS if configured. */
export class HttpAdapter extends PlainExpressAdapter {
  /** Key and certificate that the server has started with; undefined without TLS. */
  tls?: KeyPair;

  private readonly config: Config;

  /** @throws ConfigError for an invalid option */
  constructor(options: Partial<Config> = {}) {
    super();
    const config = configOf(Config, options);
    this.config = config;
    this.set('trust proxy', config.proxied);
    this.defineAddress();
  }

  /** @throws ConfigError for TLS files that cannot be used */
  override initHttpServer(options: NestApplicationOptions): void {
    super.initHttpServer(options);
    const { upgradeTimeoutMs } = this.config;
    const timeouts = requestTimeouts(this.config);
    const tls = readTlsFiles(this.config);
    this.tls = tls;
    const listener = this.getInstance<RequestListener>();
    this.setHttpServer(
      tls
        ? createHttpsServer({ ...timeouts, handshakeTimeout: upgradeTimeoutMs, ...tls }, listener)
        : createHttpServer(timeouts, listener),
    );
  }

  /** Makes `request.ip` of Express the address that all bounds apply to. */
  private defineAddress(): void {
    const trust = compileTrust(this.config.proxied);
    const { request } = this.getInstance<{ request: object }>();
    Object.defineProperty(request, 'ip', {
      configurable: true,
      get(this: IncomingMessage) {
        return clientAddress(this, trust);
      },
    });
  }
}
