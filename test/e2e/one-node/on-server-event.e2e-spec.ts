import { Controller, Injectable, Scope } from '@nestjs/common';
import {
  type ClientConnected,
  ClientsService,
  OnServerEvent,
  type RoomJoined,
  type RoomLeft,
  ServerEvents,
  SignalboxModule,
} from '../../../src/index.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { rootModule, startHost } from '../../support/host-application.js';
import { until } from '../../support/peerjs-socket.js';

@Injectable()
class Lobby {
  readonly heard: string[] = [];

  // Nest injects the services of the server as everywhere.
  constructor(private readonly clients: ClientsService) {}

  @OnServerEvent('client.connected')
  connected({ client, type }: ClientConnected): void {
    this.heard.push(`${type} ${this.clients.findHere('default', client)?.id === client}`);
  }

  @OnServerEvent('room.joined')
  @OnServerEvent('room.left')
  moved({ type, room }: RoomJoined | RoomLeft): void {
    this.heard.push(`${type} ${room}`);
  }

  @OnServerEvent('client.*', { cluster: true })
  everywhere({ type }: { type: string }): void {
    this.heard.push(`cluster ${type}`);
  }
}

@Controller()
class Page {
  readonly heard: string[] = [];

  @OnServerEvent('*')
  any({ type }: { type: string }): void {
    this.heard.push(type);
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {
  @OnServerEvent('client.connected')
  connected(): void {
    // Never called.
  }
}

const imports = [SignalboxModule.forRoot({ logLevel: 'silent' })];

afterEach(() => ConnectorClient.closeAll());

describe('@OnServerEvent', () => {
  it('calls methods of providers and controllers, once for each event', async () => {
    const alias = { provide: 'alias', useExisting: Lobby };
    const { app, address } = await startHost(rootModule({ imports, providers: [Lobby, alias], controllers: [Page] }));
    const [lobby, page] = [app.get(Lobby), app.get(Page)];
    const ann = await ConnectorClient.connect(`ws://${address}`);
    await ann.ask({ event: 'Create_Room', data: { room: 'den' } });
    await ann.close();
    await until(() => lobby.heard.length === 5);
    expect(lobby.heard.filter((event) => !event.startsWith('cluster'))).toEqual([
      'client.connected true',
      'room.joined den',
      'room.left den',
    ]);
    expect(lobby.heard.filter((event) => event.startsWith('cluster'))).toEqual([
      'cluster client.connected',
      'cluster client.disconnected',
    ]);
    const life = ['client.connected', 'room.created', 'room.joined', 'room.left', 'room.ended', 'client.disconnected'];
    expect(page.heard).toEqual(['node.joined', ...life]);
  });

  it('must not stand in a provider that is created for each request', async () => {
    const starting = startHost(rootModule({ imports, providers: [PerRequest] }));
    await expect(starting).rejects.toThrow('@OnServerEvent: PerRequest must not be request-scoped');
  });
});

describe('ServerEvents.on', () => {
  it('returns a function that ends the listener, and no other', async () => {
    const { app, address } = await startHost(rootModule({ imports }));
    const events = app.get(ServerEvents, { strict: false });
    const heard: string[] = [];
    const listener = (): void => void heard.push('twice');
    const stops = [
      events.on('client.connected', listener),
      events.on('client.connected', listener),
      events.cluster.on('client.connected', () => heard.push('cluster')),
    ];
    await ConnectorClient.connect(`ws://${address}`);
    await until(() => heard.length === 3);
    expect(heard.splice(0).sort()).toEqual(['cluster', 'twice', 'twice']);
    stops[0]();
    stops[2]();
    stops[0]();
    await ConnectorClient.connect(`ws://${address}`);
    expect(heard).toEqual(['twice']);
  });
});
