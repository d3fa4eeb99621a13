import { type DynamicModule, Module, type ValueProvider } from '@nestjs/common';
import { Config, SECTIONS } from './config.js';
import { type OptionsClass, optionsOf } from './option.js';

/** Provides each section of the configuration, and the whole as `Config`, to all modules. */
@Module({})
export class ConfigModule {
  static forRoot(config: Config): DynamicModule {
    const sections = SECTIONS.map((Section): ValueProvider => ({ provide: Section, useValue: part(Section, config) }));
    return {
      module: ConfigModule,
      global: true,
      providers: [{ provide: Config, useValue: config }, ...sections],
      exports: [Config, ...SECTIONS],
    };
  }
}

/** Returns the options of one section of `config`. */
function part(Section: OptionsClass, config: Config): object {
  const values = optionsOf(Section).map(({ name }): [string, unknown] => [name, Reflect.get(config, name)]);
  return Object.assign(new Section(), Object.fromEntries(values));
}
