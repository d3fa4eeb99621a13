import {
  Module,
  type ClassProvider,
  type DynamicModule,
  type FactoryProvider,
  type InjectionToken,
  type ModuleMetadata,
  type ValueProvider,
} from '@nestjs/common';
import { ClientsModule } from './clients/clients.module.js';
import { RandomIds } from './common/random-ids.js';
import { EasyRtcHooks } from './protocols/easyrtc/easyrtc.hooks.js';
import { EasyRtcModule } from './protocols/easyrtc/easyrtc.module.js';
import { IdGenerator } from './protocols/id-generator.js';
import { RoomsModule } from './rooms/rooms.module.js';
import { SignalingModule } from './signaling/signaling.module.js';

/** Replaces one of the server's own providers. */
export type Extension = ClassProvider | FactoryProvider | ValueProvider;

const SERVICES = [ClientsModule, RoomsModule, SignalingModule, EasyRtcModule];

const REPLACEABLE = [IdGenerator, EasyRtcHooks];

/** What an application may replace, in its own way or as it comes. */
@Module({})
export class ExtensionsModule {
  /** @throws Error for an extension that replaces nothing */
  static forRoot(extensions: readonly Extension[], imports: ModuleMetadata['imports'] = []): DynamicModule {
    for (const { provide } of extensions) {
      if (!REPLACEABLE.includes(provide as (typeof REPLACEABLE)[number])) {
        throw new Error(`${nameOf(provide)} is not what an extension can replace`);
      }
    }
    return {
      module: ExtensionsModule,
      global: true,
      // What extensions may inject: the server's services, and the application's own.
      imports: [...SERVICES, ...imports],
      // Of several providers for one token Nest takes the last one.
      providers: [...REPLACEABLE, ...extensions, { provide: RandomIds, useExisting: IdGenerator }],
      exports: [...REPLACEABLE, RandomIds],
    };
  }
}

function nameOf(token: InjectionToken): string {
  return typeof token === 'function' ? token.name : String(token);
}
