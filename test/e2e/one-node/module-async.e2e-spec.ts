import { Injectable, Module } from '@nestjs/common';
import {
  Config,
  ConfigError,
  IdGenerator,
  type SignalboxAsyncOptions,
  SignalboxModule,
  type SignalboxOptionsFactory,
} from '../../../src/index.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { createHost, rootModule, startHost } from '../../support/host-application.js';
import { PeerJsSocket } from '../../support/peerjs-socket.js';

@Injectable()
class Settings {
  readonly prefix = 'mine';
  readonly path = '/rtc';
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

@Injectable()
class Factory implements SignalboxOptionsFactory {
  constructor(private readonly settings: Settings) {}

  async createSignalboxOptions(): Promise<Partial<Config>> {
    await Promise.resolve();
    return { logLevel: 'silent', path: this.settings.path, easyrtcPath: '/libraries' };
  }
}

@Module({ imports: [SettingsModule], providers: [Factory], exports: [Factory] })
class FactoryModule {}

@Injectable()
class Ids extends IdGenerator {
  constructor(private readonly settings: Settings) {
    super();
  }

  override connectorClient(): string {
    return `${this.settings.prefix}-1`;
  }
}

const moduleWith = (options: SignalboxAsyncOptions) => rootModule({ imports: [SignalboxModule.forRootAsync(options)] });

afterEach(() => ConnectorClient.closeAll());

describe('SignalboxModule.forRootAsync', () => {
  it.each<[string, SignalboxAsyncOptions]>([
    [
      'useFactory',
      {
        imports: [SettingsModule],
        inject: [Settings],
        useFactory: ({ path }: Settings) => ({ logLevel: 'silent', path, easyrtcPath: '/libraries' }),
      },
    ],
    ['useClass', { imports: [SettingsModule], useClass: Factory }],
    ['useExisting', { imports: [FactoryModule], useExisting: Factory }],
  ])('takes the options, paths of routes among them, from %s', async (_, options) => {
    const { app, address } = await startHost(moduleWith(options));
    expect(app.get(Config, { strict: false }).path).toBe('/rtc');
    expect(await (await fetch(`http://${address}/rtc/peerjs/id`)).text()).toMatch(/^[\da-f-]{36}$/);
    expect((await fetch(`http://${address}/peerjs/id`)).status).toBe(404);
    expect((await fetch(`http://${address}/libraries/easyrtc.js`)).status).toBe(200);
    const peer = await PeerJsSocket.open(`ws://${address}/rtc`, { id: 'pia' });
    await peer.close();
  });

  it('takes the parts of the server beside them', async () => {
    const { address } = await startHost(
      moduleWith({
        imports: [SettingsModule],
        useFactory: () => ({ logLevel: 'silent' }),
        protocols: { peerjs: false },
        demo: false,
        extensions: [{ provide: IdGenerator, useClass: Ids }],
      }),
    );
    expect((await ConnectorClient.connect(`ws://${address}`)).id).toBe('mine-1');
    for (const path of ['/demo', '/peerjs/id']) expect((await fetch(`http://${address}${path}`)).status).toBe(404);
  });

  it.each([
    ['maxRooms', { maxRooms: 0 }],
    ['colour', { colour: 'red' }],
    ['protocols', { protocols: {} }],
  ])('rejects the creation of the application for an invalid value of %s', async (name, options: object) => {
    const creation = createHost(moduleWith({ useFactory: () => options }));
    await expect(creation).rejects.toThrow(ConfigError);
    await expect(creation).rejects.toThrow(name);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['string', 'redis://user:secret@redis.example'],
    ['array', []],
  ])('rejects the creation of the application if the factory returns %s', async (kind, value) => {
    const creation = createHost(moduleWith({ useFactory: () => value as unknown as Partial<Config> }));
    await expect(creation).rejects.toThrow(ConfigError);
    await expect(creation).rejects.toThrow(
      new RegExp(`^the options of the application must be an object, got ${kind}$`),
    );
  });

  it('rejects an option that the factory does not return', () => {
    const options = { path: '/rtc', useFactory: () => ({}) };
    expect(() => SignalboxModule.forRootAsync(options)).toThrow(ConfigError);
    expect(() => SignalboxModule.forRootAsync(options)).toThrow('path is no member of SignalboxModule.forRootAsync');
  });

  it('rejects the creation of the application with the error of the factory', async () => {
    const useFactory = () => Promise.reject(new Error('the vault is closed'));
    await expect(createHost(moduleWith({ useFactory }))).rejects.toThrow('the vault is closed');
  });

  it.each<[string, SignalboxAsyncOptions]>([
    ['no way', {}],
    ['two ways', { useFactory: () => ({}), useClass: Factory }],
  ])('rejects %s to create the options', (_, options) => {
    expect(() => SignalboxModule.forRootAsync(options)).toThrow('exactly one of useFactory, useClass and useExisting');
  });
});
