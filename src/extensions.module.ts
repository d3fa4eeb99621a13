import {
  type ClassProvider,
  type DynamicModule,
  type FactoryProvider,
  type InjectionToken,
  Module,
  type ModuleMetadata,
  type ValueProvider,
} from '@nestjs/common';
import { ClientsModule } from './clients/clients.module.js';
import { RandomIds } from './common/random-ids.js';
import { ConfiguredIce } from './ice/configured-ice.js';
import { IceModule } from './ice/ice.module.js';
import { IceProvider } from './ice/ice-provider.js';
import { AccessHooks } from './identity/access-hooks.js';
import { EasyRtcHooks } from './protocols/easyrtc/easyrtc.hooks.js';
import { IdGenerator } from './protocols/id-generator.js';
import { RoomsModule } from './rooms/rooms.module.js';
import { SignalingModule } from './signaling/signaling.module.js';

/** A provider of the application that replaces one of the server's. */
export type Extension = ClassProvider | FactoryProvider | ValueProvider;

const SERVICES = [ClientsModule, RoomsModule, SignalingModule, IceModule];

const REPLACEABLE: readonly InjectionToken[] = [IdGenerator, EasyRtcHooks, AccessHooks, IceProvider];

const DEFAULTS = [IdGenerator, EasyRtcHooks, AccessHooks, { provide: IceProvider, useExisting: ConfiguredIce }];

/** Provides the replaceable providers: those of the application, or else the defaults. */
@Module({})
export class ExtensionsModule {
  /** @throws Error for an extension that replaces nothing */
  static forRoot(extensions: readonly Extension[], imports: ModuleMetadata['imports'] = []): DynamicModule {
    for (const { provide } of extensions) {
      if (!REPLACEABLE.includes(provide)) {
        throw new Error(`${nameOf(provide)} cannot be replaced by an extension`);
      }
    }
    return {
      module: ExtensionsModule,
      global: true,
      // Extensions may inject the server's services and the application's own providers.
      imports: [...SERVICES, ...imports],
      // Of several providers for one token, Nest uses the last one.
      providers: [...DEFAULTS, ...extensions, { provide: RandomIds, useExisting: IdGenerator }],
      exports: [...REPLACEABLE, RandomIds],
    };
  }
}

function nameOf(token: InjectionToken): string {
  return typeof token === 'function' ? token.name : String(token);
}
