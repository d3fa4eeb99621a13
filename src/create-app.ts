import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { loadOptional } from './common/optional-packages.js';
import { securityHeaders } from './common/security-headers.js';
import { PageOptions } from './config/sections/page.options.js';
import { configureApp } from './configure-app.js';
import { SignalboxModule } from './signalbox.module.js';
import { type SignalboxOptions, splitOptions } from './signalbox-options.js';
import { HttpAdapter } from './transport/http/http.adapter.js';

@Module({})
class StandAloneModule {}

/**
 * Creates the stand-alone application with the admin API, metrics, health checks and documentation. It does not listen
 * yet.
 * @throws ConfigError for an invalid option, and an Error if the optional packages of this one are not installed
 */
export async function createApp(options: SignalboxOptions = {}): Promise<NestExpressApplication> {
  const { AdminModule, MonitoringModule, serveDocs } = await loadOptional(
    'The stand-alone server',
    'import SignalboxModule in an application of your own',
    loadParts,
  );
  const app = await NestFactory.create<NestExpressApplication>(
    { module: StandAloneModule, imports: [SignalboxModule.forRoot(options), AdminModule, MonitoringModule] },
    new HttpAdapter(splitOptions(options).options),
    { bufferLogs: true, abortOnError: false },
  );
  // Before all routes, so that 404 responses have the headers, too.
  app.use(securityHeaders);
  configureApp(app, { logger: 'server' });
  if (app.get(PageOptions).docs) serveDocs(app);
  return app;
}

/** Loads Swagger, Terminus and prom-client, which other applications do without. */
async function loadParts() {
  const { AdminModule } = await import('./admin/admin.module.js');
  const { MonitoringModule } = await import('./monitoring/monitoring.module.js');
  const { serveDocs } = await import('./openapi.js');
  return { AdminModule, MonitoringModule, serveDocs };
}
