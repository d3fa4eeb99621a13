import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { protect } from '../common/security-headers.js';
import { AdminOptions } from '../config/sections/admin.options.js';
import { ServerOptions } from '../config/sections/server.options.js';
import { Log } from '../logging/log.js';
import { SideServer } from '../transport/http/side-server.js';
import { MetricsText } from './metrics-text.js';

/** Serves `/metrics` on a separate port, if `metricsPort` is set. */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private side?: SideServer;

  constructor(
    private readonly serverOptions: ServerOptions,
    private readonly options: AdminOptions,
    private readonly metrics: MetricsText,
    private readonly log: Log,
  ) {}

  /** @throws Error with a `code` of the operating system, such as EADDRINUSE */
  async onApplicationBootstrap(): Promise<void> {
    const { host } = this.serverOptions;
    const { metricsPort } = this.options;
    if (metricsPort === 0) return;
    this.side = await SideServer.open((...exchange) => this.answer(...exchange), { port: metricsPort, host });
    this.log.logger.info({ port: this.side.port }, 'metrics');
  }

  onApplicationShutdown(): void {
    this.side?.close();
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    protect(response);
    if (request.url !== '/metrics') return void response.writeHead(404).end();
    this.metrics.read().then(
      (text) => response.setHeader('Content-Type', this.metrics.contentType).end(text),
      (error: unknown) => {
        this.log.logger.error({ err: error }, 'metrics could not be collected');
        response.writeHead(500).end();
      },
    );
  }
}
