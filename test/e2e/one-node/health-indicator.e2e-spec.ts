import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Get, type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HealthCheck, type HealthCheckResult, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { configureApp, SignalboxHealthIndicator, SignalboxModule } from '../../../src/index.js';
import { DrainService } from '../../../src/transport/lifecycle/drain.service.js';
import { RedisServer } from '../../support/redis-server.js';
import { atTeardown } from '../../support/teardown.js';

@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly signalbox: SignalboxHealthIndicator,
  ) {}

  @Get()
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.health.check([() => this.signalbox.isHealthy(), () => this.signalbox.isHealthy('second')]);
  }
}

/** Starts an application with Terminus and a health check of its own. */
async function start(redis = ''): Promise<INestApplication> {
  @Module({
    imports: [SignalboxModule.forRoot({ logLevel: 'silent', redis }), TerminusModule.forRoot({ logger: false })],
    controllers: [HealthController],
  })
  class HostModule {}

  const app = configureApp(await NestFactory.create(HostModule, { logger: false }));
  await app.listen(0, '127.0.0.1');
  atTeardown(() => app.close());
  return app;
}

async function health(app: INestApplication): Promise<{ status: number; body: HealthCheckResult }> {
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/health`);
  return { status: response.status, body: (await response.json()) as HealthCheckResult };
}

describe('SignalboxHealthIndicator in a health check of @nestjs/terminus', () => {
  it('is up while the node accepts clients, and down while it drains', async () => {
    const app = await start();
    const up = { status: 'up', backplane: 'up', isDraining: false };
    expect(await health(app)).toMatchObject({
      status: 200,
      body: { status: 'ok', info: { signalbox: up, second: up } },
    });
    await app.get(DrainService, { strict: false }).sendClientsAway();
    const down = { status: 'down', backplane: 'up', isDraining: true };
    expect(await health(app)).toMatchObject({ status: 503, body: { status: 'error', error: { signalbox: down } } });
  });

  it('is down while Redis does not respond', async () => {
    const redis = await RedisServer.start(RedisServer.IN_MEMORY);
    atTeardown(() => RedisServer.killAll());
    const app = await start(redis.url);
    expect((await health(app)).status).toBe(200);
    await redis.kill();
    const down = { status: 'down', backplane: 'down', isDraining: false };
    expect(await health(app)).toMatchObject({ status: 503, body: { error: { signalbox: down } } });
  });
});
