import type { FactoryProvider, InjectionToken, OptionalFactoryDependency, Provider } from '@nestjs/common';
import { Config } from './config/config.js';
import { ConfigError, configOf } from './config/load-config.js';
import type { SignalboxAsyncOptions, SignalboxOptionsFactory, SignalboxStructure } from './signalbox-options.js';

type Create = (...dependencies: never[]) => Partial<Config> | Promise<Partial<Config>>;

/**
 * Returns the provider of `Config` that an application has described, and a provider that it injects, if any.
 * @throws ConfigError for an option beside this description; Error unless there is exactly one way to create the options
 */
export function configProviders({
  inject,
  useFactory,
  useClass,
  useExisting,
  ...misplaced
}: Omit<SignalboxAsyncOptions, keyof SignalboxStructure>): [FactoryProvider<Config>, ...Provider[]] {
  const [name] = Object.keys(misplaced);
  if (name !== undefined) {
    throw new ConfigError([`${name} is no member of SignalboxModule.forRootAsync: return it with the other options`]);
  }
  const ways = [useFactory, useClass, useExisting].filter((way) => way !== undefined);
  if (ways.length !== 1) {
    throw new Error('SignalboxModule.forRootAsync needs exactly one of useFactory, useClass and useExisting');
  }
  if (useFactory) return [configFrom(inject, useFactory)];
  const token = useClass ?? useExisting!;
  const config = configFrom([token], (factory: SignalboxOptionsFactory) => factory.createSignalboxOptions());
  return useClass ? [config, useClass] : [config];
}

function configFrom(
  inject: (InjectionToken | OptionalFactoryDependency)[] | undefined,
  create: Create,
): FactoryProvider<Config> {
  return {
    provide: Config,
    inject,
    useFactory: async (...dependencies: unknown[]) => configOf(Config, await create(...(dependencies as never[]))),
  };
}
