import { createServer } from 'node:http';
import type { NestApplicationOptions } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Config } from '../config/config.js';

/** How often Node looks for requests that take too long; its default of 30 s would make short time limits meaningless. */
const CHECKING_INTERVAL_MS = 500;

/** Nest's adapter for Express, with an HTTP server that bounds how long a request may take to arrive. */
export class HttpAdapter extends ExpressAdapter {
  constructor(private readonly config: Config) {
    super();
    this.disable('x-powered-by');
  }

  override initHttpServer(options: NestApplicationOptions): void {
    super.initHttpServer(options);
    this.setHttpServer(
      createServer(
        { headersTimeout: this.config.upgradeTimeoutMs, connectionsCheckingInterval: CHECKING_INTERVAL_MS },
        this.getInstance(),
      ),
    );
  }
}
