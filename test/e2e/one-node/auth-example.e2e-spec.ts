import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Access } from '../../../examples/auth/src/access.js';
import { LoginController } from '../../../examples/auth/src/login.js';
import { Users } from '../../../examples/auth/src/users.js';
import { AccessHooks, configureApp, SignalboxModule } from '../../../src/index.js';
import { attempt } from '../../support/attempts.js';
import { ConnectorClient } from '../../support/connector-client.js';

const JWT_SECRET = 'a secret of enough characters';

@Module({ providers: [Users], exports: [Users] })
class UsersModule {}

@Module({
  imports: [
    UsersModule,
    SignalboxModule.forRoot({
      auth: { mode: 'jwt', jwt: { secret: JWT_SECRET } },
      extensions: [{ provide: AccessHooks, useClass: Access }],
      imports: [UsersModule],
      logLevel: 'error',
    }),
  ],
  providers: [{ provide: 'JWT_SECRET', useValue: JWT_SECRET }],
  controllers: [LoginController],
})
class AppModule {}

describe('examples/auth', () => {
  let app: INestApplication;
  let url: string;

  beforeAll(async () => {
    app = configureApp(await NestFactory.create(AppModule, { logger: false }));
    await app.listen(0, '127.0.0.1');
    url = `http://127.0.0.1:${((app.getHttpServer() as Server).address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    await ConnectorClient.closeAll();
    await app.close();
  });

  const login = (name: string, password: string): Promise<Response> =>
    fetch(`${url}/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, password }),
    });

  async function connect(name: string, password: string): Promise<ConnectorClient> {
    const { token } = (await (await login(name, password)).json()) as { token: string };
    return ConnectorClient.connect(`${url.replace('http', 'ws')}/?access_token=${token}`);
  }

  it('gives a token for the right password alone', async () => {
    expect((await login('alice', 'builder')).status).toBe(401);
    expect((await login('alice', 'wonderland')).status).toBe(200);
    expect(await attempt({ app }, undefined)).toBe('missing');
  });

  it('lets clients into the rooms of their teams alone', async () => {
    const [alice, bob] = [await connect('alice', 'wonderland'), await connect('bob', 'builder')];
    const ask = (client: ConnectorClient, event: string, room: string) => client.ask({ event, data: { room } });
    const refused = { type: 'error', event: 'Unauthorised' };
    expect(await ask(alice, 'Create_Room', 'red-1')).toMatchObject({ event: 'Room_Created' });
    expect(await ask(bob, 'Join_Room', 'red-1')).toMatchObject(refused);
    expect(await ask(bob, 'Create_Room', 'blue')).toMatchObject(refused);
  });
});
