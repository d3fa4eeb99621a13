import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ProtocolModule } from 'signalbox/protocol';
import { WebSocket } from 'ws';
import { AdminModule, serveDocs } from '../../../src/entries/admin.js';
import { configureApp, SignalboxModule } from '../../../src/index.js';
import { AdminApi, OPERATE_TOKEN } from '../../support/admin-api.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EchoGateway } from '../../support/echo/echo.gateway.js';
import { PATIENCE_MS } from '../../support/patience.js';

@Module({
  imports: [
    SignalboxModule.forRoot({ logLevel: 'silent', adminTokens: [`olga:operate:${OPERATE_TOKEN}`] }),
    AdminModule,
    // This line alone adds the protocol.
    ProtocolModule.forFeature(EchoGateway),
  ],
})
class FourProtocolsModule {}

describe('a fourth protocol in its own folder', () => {
  let app: INestApplication;
  let address: string;
  let api: AdminApi;
  let echo: WebSocket;
  let id: string;

  const nextText = async (): Promise<string> => {
    const [bytes] = (await once(echo, 'message', { signal: AbortSignal.timeout(PATIENCE_MS) })) as [Buffer];
    return bytes.toString();
  };

  beforeAll(async () => {
    app = configureApp(await NestFactory.create(FourProtocolsModule, { logger: false }));
    serveDocs(app);
    await app.listen(0, '127.0.0.1');
    address = `127.0.0.1:${((app.getHttpServer() as Server).address() as AddressInfo).port}`;
    api = new AdminApi(`http://${address}`, OPERATE_TOKEN);
    echo = new WebSocket(`ws://${address}/echo`);
    id = await nextText();
  });

  afterAll(async () => {
    echo.terminate();
    await ConnectorClient.closeAll();
    await app.close();
  });

  it('answers its clients', async () => {
    const answer = nextText();
    echo.send('hello');
    expect(await answer).toBe('hello');
  });

  it('receives messages from clients of other protocols, and rejects signals that it cannot express', async () => {
    const ann = await ConnectorClient.connect(`ws://${address}`);
    const message = nextText();
    ann.send({ event: 'Message', to: id, data: 'hi' });
    expect(await message).toBe('"hi"');
    expect(await ann.ask({ event: 'Offer', to: id, data: {} })).toMatchObject({ event: 'Unsupported_Event' });
  });

  it('is listed by the admin API', async () => {
    const { status, body } = await api.get('clients', { protocol: 'echo' });
    expect([status, body]).toEqual([200, { items: [expect.objectContaining({ id, protocol: 'echo' })], total: 1 }]);
    const unknown = await api.get('clients', { protocol: 'sip' });
    expect(unknown.status).toBe(400);
  });

  it('is named by the OpenAPI document', async () => {
    const document = await (await fetch(`http://${address}/docs-json`)).text();
    expect(document).toMatch(/"enum":\["[^\]]*"echo"/);
  });
});
