import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { Controller, Get, Injectable, Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { WebSocket } from 'ws';
import { ClientsService, configureApp, IdGenerator, SignalboxModule } from '../../src/index.js';
import { ConnectorClient } from '../support/connector-client.js';

@Injectable()
class Ids extends IdGenerator {
  private last = 0;

  override connectorClient(): string {
    return `mine-${++this.last}`;
  }
}

@Controller('count')
class CountController {
  constructor(private readonly clients: ClientsService) {}

  @Get()
  count(): { here: number } {
    return { here: this.clients.countHere };
  }
}

@WebSocketGateway({ path: '/chat' })
class ChatGateway {
  @SubscribeMessage('shout')
  shout(@MessageBody() text: string): { event: string; data: string } {
    return { event: 'shouted', data: text.toUpperCase() };
  }
}

@Module({
  imports: [SignalboxModule.forRoot({ logLevel: 'silent' }, [{ provide: IdGenerator, useClass: Ids }])],
  controllers: [CountController],
  providers: [ChatGateway],
})
class OwnModule {}

describe("an application's own Nest module", () => {
  const apps: INestApplication[] = [];

  async function start(): Promise<string> {
    const app = configureApp(await NestFactory.create(OwnModule, { logger: false }));
    apps.push(app);
    await app.listen(0, '127.0.0.1');
    return `127.0.0.1:${((app.getHttpServer() as Server).address() as AddressInfo).port}`;
  }

  afterEach(() => Promise.all(apps.splice(0).map((app) => app.close())));

  it('serves beside Signalbox, uses its services and replaces its providers', async () => {
    const address = await start();
    const [ann, bob] = await ConnectorClient.connectMany(2, `ws://${address}`);
    expect([ann.id, bob.id].sort()).toEqual(['mine-1', 'mine-2']);
    expect(await (await fetch(`http://${address}/count`)).json()).toEqual({ here: 2 });
    ann.send({ event: 'Message', to: bob.id, data: 1 });
    expect(await bob.next()).toMatchObject({ from: ann.id, data: 1 });

    const chat = new WebSocket(`ws://${address}/chat`);
    const answer = new Promise((resolve) =>
      chat.once('message', (data: Buffer) => resolve(JSON.parse(data.toString()))),
    );
    chat.once('open', () => chat.send('{"event":"shout","data":"hey"}'));
    expect(await answer).toEqual({ event: 'shouted', data: 'HEY' });
  });

  it('can run twice in one process, each with its own clients', async () => {
    const [one, other] = [await start(), await start()];
    const ann = await ConnectorClient.connect(`ws://${one}`);
    const bob = await ConnectorClient.connect(`ws://${other}`);
    expect(ann.id).toBe(bob.id);
    expect(await ann.ask({ event: 'Message', to: 'mine-2' })).toMatchObject({ event: 'Not_Found' });
    await ConnectorClient.connect(`ws://${one}`);
    expect(await (await fetch(`http://${other}/count`)).json()).toEqual({ here: 1 });
  });
});
