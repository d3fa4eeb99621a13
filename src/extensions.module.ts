import {
  Module,
  type ClassProvider,
  type DynamicModule,
  type FactoryProvider,
  type ValueProvider,
} from '@nestjs/common';
import { IdGenerator } from './common/ids.js';

/** Replaces one of the server's own providers. */
export type Extension = ClassProvider | FactoryProvider | ValueProvider;

/** What an application may replace, in its own way or as it comes. */
@Module({})
export class ExtensionsModule {
  static forRoot(extensions: readonly Extension[]): DynamicModule {
    return {
      module: ExtensionsModule,
      global: true,
      // Of several providers for one token Nest takes the last one.
      providers: [IdGenerator, ...extensions],
      exports: [IdGenerator],
    };
  }
}
