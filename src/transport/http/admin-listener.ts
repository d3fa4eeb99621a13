import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Server as TlsServer } from 'node:tls';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type AbstractHttpAdapter, HttpAdapterHost } from '@nestjs/core';
import { protect } from '../../common/security-headers.js';
import { Config } from '../../config/config.js';
import { Log } from '../../logging/log.js';
import { AdminPort } from './admin-port.js';
import { Certificates } from './certificates.js';
import { requestTimeouts } from './http.adapter.js';
import { InnerApplication } from './inner-application.js';
import { internalTarget, pathOf } from './request-path.js';
import { SideServer } from './side-server.js';
import { readTlsFiles } from './tls-files.js';

/**
 * Serves the routes for operators on the port `adminPort`, if it is set, with the certificate of the server. Clients
 * cannot connect there.
 */
@Injectable()
export class AdminListener implements OnApplicationBootstrap, OnApplicationShutdown {
  private side?: SideServer;

  constructor(
    private readonly config: Config,
    private readonly port: AdminPort,
    private readonly inner: InnerApplication,
    private readonly outer: HttpAdapterHost,
    private readonly certificates: Certificates,
    private readonly log: Log,
  ) {}

  /**
   * @throws ConfigError for TLS files that cannot be used; Error with a `code` of the operating system, such as
   *   EADDRINUSE
   */
  async onApplicationBootstrap(): Promise<void> {
    const { adminPort, adminHost, host, keepAliveTimeoutMs } = this.config;
    const adapter = this.outer.httpAdapter as AbstractHttpAdapter | undefined;
    // An application context serves no HTTP.
    if (adminPort === 0 || !adapter) return;
    const application = adapter.getInstance<RequestListener>();
    const tls = readTlsFiles(this.config);
    this.side = await SideServer.open((request, response) => this.answer(request, response, application), {
      ...requestTimeouts(this.config),
      keepAliveTimeout: keepAliveTimeoutMs,
      port: adminPort,
      host: adminHost === '' ? host : adminHost,
      tls,
    });
    const { server } = this.side;
    if (tls && server instanceof TlsServer) this.certificates.attach(server, tls);
    this.log.logger.info({ port: this.side.port }, 'admin port');
  }

  /** Clients are gone by now. Until then, the admin API shows them, and how the node drains. */
  onApplicationShutdown(): void {
    this.side?.close();
  }

  private answer(request: IncomingMessage, response: ServerResponse, application: RequestListener): void {
    this.port.note(request);
    protect(response);
    const { basePath } = this.config;
    const { url = '/' } = request;
    request.url = internalTarget(url, basePath);
    if (this.inner.owns(request, pathOf(request.url))) {
      this.inner.answer(request, response);
      return;
    }
    // As on the main port, only `basePath` changes the paths of the application.
    if (basePath === '') request.url = url;
    application(request, response);
  }
}
