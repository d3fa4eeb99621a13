import { type DynamicModule, Logger, Module } from '@nestjs/common';
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
  const module = {
    module: StandAloneModule,
    imports: [SignalboxModule.forRoot(options), AdminModule, MonitoringModule],
  };
  const app = await createQuietly(module, new HttpAdapter(splitOptions(options).options));
  // Before all routes, so that 404 responses have the headers, too.
  app.use(securityHeaders);
  configureApp(app, { logger: 'server' });
  app.flushLogs();
  if (app.get(PageOptions).docs) serveDocs(app);
  return app;
}

/** Creates an application that does not log the error it throws, which the caller reports. Its log lines wait. */
async function createQuietly(module: DynamicModule, adapter: HttpAdapter): Promise<NestExpressApplication> {
  const options = { bufferLogs: true, autoFlushLogs: false, abortOnError: false };
  try {
    return await NestFactory.create<NestExpressApplication>(module, adapter, options);
  } catch (error) {
    Logger.detachBuffer();
    throw error;
  }
}

/** Loads Swagger, Terminus and prom-client, which other applications do without. */
async function loadParts() {
  const { AdminModule } = await import('./admin/admin.module.js');
  const { MonitoringModule } = await import('./monitoring/monitoring.module.js');
  const { serveDocs } = await import('./openapi.js');
  return { AdminModule, MonitoringModule, serveDocs };
}
