import {
  type DynamicModule,
  Injectable,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { MemoryBackplane } from '../../../src/backplane/memory/memory-backplane.js';
import { MemoryClientDirectory } from '../../../src/backplane/memory/memory-client-directory.js';
import { MemoryHub, MemoryMessageBus } from '../../../src/backplane/memory/memory-message-bus.js';
import { MemoryOfflineQueue } from '../../../src/backplane/memory/memory-offline-queue.js';
import { MemoryRoomStore } from '../../../src/backplane/memory/memory-room-store.js';
import { ClientDirectory } from '../../../src/clients/client-directory.js';
import { Backplane } from '../../../src/common/backplane.js';
import { MessageBus } from '../../../src/common/message-bus.js';
import { SignalboxModule } from '../../../src/index.js';
import { RoomStore } from '../../../src/rooms/room-store.js';
import { OfflineQueue } from '../../../src/signaling/offline-queue.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { rootModule, startHost } from '../../support/host-application.js';

/** What nodes of one process share. */
class Shared {
  readonly directory = new CountingDirectory();
  readonly rooms = new MemoryRoomStore();
  readonly hub = new MemoryHub();
}

class CountingDirectory extends MemoryClientDirectory {
  claims = 0;

  override claim(...args: Parameters<MemoryClientDirectory['claim']>): ReturnType<MemoryClientDirectory['claim']> {
    this.claims++;
    return super.claim(...args);
  }
}

/** The calls of lifecycle hooks. */
const calls: string[] = [];

@Injectable()
class HookedBackplane extends MemoryBackplane implements OnModuleInit, OnApplicationShutdown {
  onModuleInit(): void {
    calls.push('backplane starts');
  }

  onApplicationShutdown(): void {
    calls.push('backplane ends');
  }
}

@Injectable()
class HookedQueue extends MemoryOfflineQueue implements OnModuleInit {
  onModuleInit(): void {
    calls.push('queue starts');
  }
}

@Module({})
class OwnBackplaneModule {
  static over({ directory, rooms, hub }: Shared): DynamicModule {
    return {
      module: OwnBackplaneModule,
      providers: [
        { provide: Backplane, useClass: HookedBackplane },
        { provide: ClientDirectory, useValue: directory },
        { provide: RoomStore, useValue: rooms },
        { provide: OfflineQueue, useClass: HookedQueue },
        { provide: MemoryHub, useValue: hub },
        { provide: MessageBus, useClass: MemoryMessageBus },
      ],
      exports: [Backplane, ClientDirectory, RoomStore, OfflineQueue, MessageBus],
    };
  }
}

const moduleWith = (backplane: DynamicModule | Type, nodeName?: string) =>
  rootModule({ imports: [SignalboxModule.forRoot({ logLevel: 'silent', nodeName, backplane })] });

afterEach(() => ConnectorClient.closeAll());

describe('the part backplane', () => {
  it('replaces the ports, over which two servers in one process exchange signals', async () => {
    const shared = new Shared();
    const one = await startHost(moduleWith(OwnBackplaneModule.over(shared), 'one'));
    const two = await startHost(moduleWith(OwnBackplaneModule.over(shared), 'two'));
    const ann = await ConnectorClient.connect(`ws://${one.address}`);
    const bob = await ConnectorClient.connect(`ws://${two.address}`);
    ann.send({ event: 'Message', to: bob.id, data: 'hi' });
    expect(await bob.next()).toMatchObject({ event: 'Message', from: ann.id, data: 'hi' });
    expect(shared.directory.claims).toBe(2);
  });

  it('takes a module that re-exports another one', async () => {
    const own = OwnBackplaneModule.over(new Shared());
    const { address } = await startHost(moduleWith(rootModule({ imports: [own], exports: [OwnBackplaneModule] })));
    expect((await ConnectorClient.connect(`ws://${address}`)).id).toBeDefined();
  });

  it('leaves the lifecycle of the implementations to Nest, which calls each hook once', async () => {
    calls.length = 0;
    const { app } = await startHost(moduleWith(OwnBackplaneModule.over(new Shared())));
    await app.close();
    expect(calls.sort()).toEqual(['backplane ends', 'backplane starts', 'queue starts']);
  });

  it('throws for a module that lacks ports', () => {
    @Module({ providers: [{ provide: RoomStore, useClass: MemoryRoomStore }], exports: [RoomStore] })
    class RoomsOnlyModule {}

    expect(() => moduleWith(RoomsOnlyModule)).toThrow(
      'The backplane RoomsOnlyModule must export Backplane, ClientDirectory, OfflineQueue, MessageBus',
    );
  });
});
