import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Config } from '../../src/config/config.js';
import { configureApp, SignalboxModule } from '../../src/index.js';
import { Log } from '../../src/logging/log.js';
import { atTeardown } from './teardown.js';

class HostModule {}

export interface HostApp {
  readonly app: INestApplication;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Lines that the server has logged since it listens. */
  readonly lines: readonly Record<string, unknown>[];
}

/** Starts an application of its own around SignalboxModule, and closes it after the test, or after the file. */
export async function startHost(options: Partial<Config>, imports: ModuleMetadata['imports'] = []): Promise<HostApp> {
  const module = {
    module: HostModule,
    imports: [SignalboxModule.forRoot({ logLevel: 'silent', ...options }), ...imports],
  };
  const app = configureApp(await NestFactory.create(module, { logger: false, abortOnError: false }));
  let closed: Promise<void> | undefined;
  const close = app.close.bind(app);
  app.close = () => (closed ??= close());
  atTeardown(() => app.close());
  await app.listen(0, '127.0.0.1');
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  return { app, url: `http://127.0.0.1:${port}`, lines: recordLog(app) };
}

function recordLog(app: INestApplication): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  const { logger } = app.get(Log, { strict: false });
  const record = (fields: object, msg: string): void => void lines.push({ ...fields, msg });
  Object.assign(logger, { info: record, warn: record, error: record });
  return lines;
}
