import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type DynamicModule, type INestApplication, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { configureApp, type ConfigureOptions } from '../../src/index.js';
import { atTeardown } from './teardown.js';

export interface HostApplication {
  readonly app: INestApplication;
  /** `127.0.0.1:PORT` */
  readonly address: string;
}

/** Returns a root module with these members. */
export function rootModule(metadata: ModuleMetadata): Type {
  @Module(metadata)
  class RootModule {}
  return RootModule;
}

/** Creates an application that is closed after the test. It is neither configured nor started. */
export async function createHost(module: Type | DynamicModule): Promise<INestApplication> {
  const app = await NestFactory.create(module, { logger: false, abortOnError: false });
  atTeardown(() => app.close());
  return app;
}

/** Starts an application that embeds the server. It is closed after the test. */
export async function startHost(
  module: Type | DynamicModule,
  options: ConfigureOptions = {},
): Promise<HostApplication> {
  const app = configureApp(await createHost(module), options);
  await app.listen(0, '127.0.0.1');
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  return { app, address: `127.0.0.1:${port}` };
}
