import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AdminModule } from './admin/admin.module.js';
import { securityHeaders } from './common/security-headers.js';
import { configureApp } from './configure-app.js';
import { MonitoringModule } from './monitoring/monitoring.module.js';
import { serveDocs } from './openapi.js';
import { SignalboxModule } from './signalbox.module.js';
import { type SignalboxOptions, splitOptions } from './signalbox-options.js';
import { HttpAdapter } from './transport/http/http.adapter.js';

@Module({})
class StandAloneModule {}

/** As `createApp`, in a file of its own: Swagger and prom-client are loaded with it. */
export async function createStandAlone(options: SignalboxOptions): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(
    { module: StandAloneModule, imports: [SignalboxModule.forRoot(options), AdminModule, MonitoringModule] },
    new HttpAdapter(splitOptions(options).options),
    { bufferLogs: true, abortOnError: false },
  );
  // Before all routes, so that 404 responses have the headers, too.
  app.use(securityHeaders);
  configureApp(app, { logger: 'server' });
  serveDocs(app);
  return app;
}
