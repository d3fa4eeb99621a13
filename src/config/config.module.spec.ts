import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Config } from './config.js';
import { ConfigModule } from './config.module.js';

@Injectable()
class Reader {
  constructor(readonly config: Config) {}
}

@Module({ providers: [Reader] })
class FeatureModule {}

it('gives the very same Config to modules that do not import it', async () => {
  const config = new Config();
  @Module({ imports: [ConfigModule.forRoot(config), FeatureModule] })
  class RootModule {}

  const app = await NestFactory.createApplicationContext(RootModule, { logger: false });
  expect(app.get(Reader, { strict: false }).config).toBe(config);
  await app.close();
});
