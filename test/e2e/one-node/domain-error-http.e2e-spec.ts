import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Get, type INestApplication, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  configureApp,
  DomainError,
  type DomainErrorCode,
  SignalboxModule,
  SignalingService,
} from '../../../src/index.js';

@Controller()
class HostController {
  constructor(private readonly signaling: SignalingService) {}

  @Get('ring/:id')
  ring(@Param('id') id: string): Promise<void> {
    return this.signaling.sendFromServer('default', id, { kind: 'message' });
  }

  @Get('fail/:code')
  fail(@Param('code') code: DomainErrorCode): never {
    throw new DomainError(code, {});
  }
}

@Module({ imports: [SignalboxModule.forRoot({ logLevel: 'silent' })], controllers: [HostController] })
class HostModule {}

describe('a DomainError that a controller of the application throws', () => {
  let app: INestApplication;
  let url: string;

  beforeAll(async () => {
    app = configureApp(await NestFactory.create(HostModule, { logger: false }));
    await app.listen(0, '127.0.0.1');
    url = `http://127.0.0.1:${((app.getHttpServer() as Server).address() as AddressInfo).port}`;
  });

  afterAll(() => app.close());

  it.each([
    ['ring/nobody', 404, 'CLIENT_NOT_FOUND'],
    ['fail/CREDENTIALS_MISSING', 401, 'CREDENTIALS_MISSING'],
    ['fail/NOT_AUTHORIZED', 403, 'NOT_AUTHORIZED'],
    ['fail/ID_TAKEN', 409, 'ID_TAKEN'],
    ['fail/INVALID_REQUEST', 400, 'INVALID_REQUEST'],
    ['fail/RATE_EXCEEDED', 429, 'RATE_EXCEEDED'],
    ['fail/UNAVAILABLE', 503, 'UNAVAILABLE'],
    ['fail/INTERNAL', 500, 'INTERNAL'],
  ])('is answered by Nest’s default filter with its status (%s)', async (path, statusCode, message) => {
    const response = await fetch(`${url}/${path}`);
    expect([response.status, await response.json()]).toEqual([statusCode, { statusCode, message }]);
  });
});
