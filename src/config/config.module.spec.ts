import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Config } from './config.js';
import { ConfigModule } from './config.module.js';
import { LimitOptions } from './sections/limit.options.js';

@Injectable()
class Reader {
  constructor(
    readonly config: Config,
    readonly limits: LimitOptions,
  ) {}
}

@Module({ providers: [Reader] })
class FeatureModule {}

async function read(config: Config): Promise<Reader> {
  @Module({ imports: [ConfigModule.forRoot({ provide: Config, useValue: config }), FeatureModule] })
  class RootModule {}

  const app = await NestFactory.createApplicationContext(RootModule, { logger: false });
  await app.close();
  return app.get(Reader, { strict: false });
}

it('provides the same Config to modules that do not import ConfigModule', async () => {
  const config = new Config();
  expect((await read(config)).config).toBe(config);
});

it('provides a section with its own options and their configured values', async () => {
  const { limits } = await read(Object.assign(new Config(), { maxRooms: 7 }));
  expect(limits).toEqual(Object.assign(new LimitOptions(), { maxRooms: 7 }));
});
