import type { DynamicModule, InjectionToken, ModuleMetadata, OptionalFactoryDependency, Type } from '@nestjs/common';
import type { Config } from './config/config.js';
import type { Extension } from './extensions.module.js';

/** A protocol that comes with the server. */
export type ProtocolName = 'connector' | 'peerjs' | 'easyrtc';

/** The built-in protocols to serve; those that are not named are on. */
export type ProtocolSwitches = Readonly<Partial<Record<ProtocolName, boolean>>>;

/** All protocols to serve: built-in ones by name, and gateways with `@SignalboxGateway` or modules of further ones. */
export type ProtocolList = readonly (ProtocolName | Type<object> | DynamicModule)[];

/** The parts of the server. They decide which modules exist, so they are fixed before any option is known. */
export interface SignalboxStructure {
  /** Default: all built-in ones. One that is off has no gateway and no routes, and its libraries are not loaded. */
  readonly protocols?: ProtocolSwitches | ProtocolList;
  /** Whether the demo page is served at `/demo`. Default: true. */
  readonly demo?: boolean;
  /** Whether all modules may inject the services, and not only those that import SignalboxModule. Default: false. */
  readonly isGlobal?: boolean;
  /** Providers that replace the server's own, such as `IdGenerator`. */
  readonly extensions?: readonly Extension[];
  /** Modules of the application whose providers the extensions, or the factory of the options, inject. */
  readonly imports?: ModuleMetadata['imports'];
  /** A module that exports the ports, Backplane to MessageBus. By default they are in memory or over Redis. */
  readonly backplane?: Type | DynamicModule;
}

/** The options that differ from their defaults, and the parts of the server. */
export type SignalboxOptions = Partial<Config> & SignalboxStructure;

/** Creates the options of `SignalboxModule.forRootAsync`. */
export interface SignalboxOptionsFactory {
  createSignalboxOptions(): Partial<Config> | Promise<Partial<Config>>;
}

/** The parts of the server, and exactly one way to get the options: `useFactory`, `useClass` or `useExisting`. */
export interface SignalboxAsyncOptions extends SignalboxStructure {
  /** Tokens of the parameters of `useFactory`. */
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[];
  /** Returns the options that differ from their defaults. */
  readonly useFactory?: (...dependencies: never[]) => Partial<Config> | Promise<Partial<Config>>;
  /** A class that creates the options. Nest instantiates it, with providers of `imports`. */
  readonly useClass?: Type<SignalboxOptionsFactory>;
  /** A provider of `imports` that creates the options. */
  readonly useExisting?: InjectionToken<SignalboxOptionsFactory>;
}

/** Separates the parts of the server from the options. */
export function splitOptions<T extends SignalboxStructure>(
  options: T,
): { structure: SignalboxStructure; options: Omit<T, keyof SignalboxStructure> } {
  const { protocols, demo, isGlobal, extensions, imports, backplane, ...rest } = options;
  return { structure: { protocols, demo, isGlobal, extensions, imports, backplane }, options: rest };
}
