import { type DynamicModule, type FactoryProvider, Module, type Provider, type ValueProvider } from '@nestjs/common';
import { Config, SECTIONS } from './config.js';
import { LiveConfig } from './live-config.js';

/** Provides each section of the configuration, the whole as `Config`, and `LiveConfig` to all modules. */
@Module({})
export class ConfigModule {
  /**
   * @param config the provider of `Config`
   * @param extra what this provider injects: modules, and providers of its own
   */
  static forRoot(
    config: FactoryProvider<Config> | ValueProvider<Config>,
    { imports, providers = [] }: { imports?: DynamicModule['imports']; providers?: readonly Provider[] } = {},
  ): DynamicModule {
    const sections = SECTIONS.map((Section): Provider => ({
      provide: Section,
      inject: [LiveConfig],
      useFactory: (live: LiveConfig) => live.section(Section),
    }));
    const live: Provider = { provide: LiveConfig, inject: [Config], useFactory: (all: Config) => new LiveConfig(all) };
    return {
      module: ConfigModule,
      global: true,
      imports,
      providers: [config, live, ...providers, ...sections],
      exports: [Config, LiveConfig, ...SECTIONS],
    };
  }
}
