import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { LobbyModule } from '../../../examples/custom-module/lobby.module.js';
import { configureApp } from '../../../src/index.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient, errorOf } from '../../support/easyrtc-client.js';
import { until } from '../../support/peerjs-socket.js';

describe('the example of a custom module', () => {
  let app: INestApplication;
  let port: number;

  const lobby = async (): Promise<unknown> => (await fetch(`http://127.0.0.1:${port}/lobby`)).json();

  beforeAll(async () => {
    app = configureApp(await NestFactory.create(LobbyModule, { logger: false }));
    await app.listen(0, '127.0.0.1');
    port = ((app.getHttpServer() as Server).address() as AddressInfo).port;
  });

  afterAll(async () => {
    EasyRtcClient.closeAll();
    await app.close();
  });

  it('lists the clients in the lobby over HTTP and counts joins and leaves', async () => {
    expect(await lobby()).toEqual({ members: [], come: 0, gone: 0 });
    const ann = await ConnectorClient.connect(`ws://127.0.0.1:${port}`);
    ann.send({ event: 'Create_Room', data: { room: 'lobby' } });
    await ann.next();
    expect(await lobby()).toEqual({ members: [ann.id], come: 1, gone: 0 });
    await ann.close();
    await until(async () => JSON.stringify(await lobby()) === '{"members":[],"come":1,"gone":1}');
  });

  it('admits only clients that know the password', async () => {
    const url = `http://127.0.0.1:${port}`;
    const stranger = await EasyRtcClient.connect(url);
    expect(await stranger.authenticate({ credential: { word: 'please' } })).toEqual(errorOf('LOGIN_BAD_AUTH'));
    await stranger.closed;
    const ali = await EasyRtcClient.login(url, { credential: { word: 'open sesame' } });
    expect(ali.entry().username).toBe('Ali Baba');
  });
});
