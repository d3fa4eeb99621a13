import { type DynamicModule, type FactoryProvider, Module, type Provider, type ValueProvider } from '@nestjs/common';
import { Config, SECTIONS } from './config.js';
import { type OptionsClass, optionsOf } from './option.js';

/** Provides each section of the configuration, and the whole as `Config`, to all modules. */
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
      inject: [Config],
      useFactory: (all: Config) => part(Section, all),
    }));
    return {
      module: ConfigModule,
      global: true,
      imports,
      providers: [config, ...providers, ...sections],
      exports: [Config, ...SECTIONS],
    };
  }
}

/** Returns the options of one section of `config`. */
function part(Section: OptionsClass, config: Config): object {
  const values = optionsOf(Section).map(({ name }): [string, unknown] => [name, Reflect.get(config, name)]);
  return Object.assign(new Section(), Object.fromEntries(values));
}
