import { type DynamicModule, Module } from '@nestjs/common';
import { AppSetup } from './app-setup.js';
import { configProviders } from './async-options.js';
import { BackplaneModule } from './backplane/backplane.module.js';
import { ClientsModule } from './clients/clients.module.js';
import { Config } from './config/config.js';
import { ConfigModule } from './config/config.module.js';
import { configOf } from './config/load-config.js';
import { DemoModule } from './demo/demo.module.js';
import { EventsModule } from './events/events.module.js';
import { ExtensionsModule } from './extensions.module.js';
import { IceModule } from './ice/ice.module.js';
import { IceHttpModule } from './ice/ice-http.module.js';
import { IdentityModule } from './identity/identity.module.js';
import { LoggingModule } from './logging/logging.module.js';
import { HealthModule } from './nodes/health.module.js';
import { RealmsModule } from './realms/realms.module.js';
import { RoomsModule } from './rooms/rooms.module.js';
import { ServedProtocols } from './served-protocols.js';
import {
  type SignalboxAsyncOptions,
  type SignalboxOptions,
  type SignalboxStructure,
  splitOptions,
} from './signalbox-options.js';
import { OfflineQueue } from './signaling/offline-queue.js';
import { SignalingModule } from './signaling/signaling.module.js';
import { MemoryBudget } from './transport/bounds/memory-budget.js';
import { TransportModule } from './transport/transport.module.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';

const CORE = [
  ClientsModule,
  RealmsModule,
  IdentityModule,
  IceModule,
  RoomsModule,
  SignalingModule,
  TransportModule,
  LoggingModule,
  HealthModule,
];

/** Connects parts of the core that may not know one another, and checks the application around them. */
@Module({ imports: [SignalingModule, TransportModule], providers: [AppSetup] })
class WiringModule {
  constructor(budget: MemoryBudget, queue: OfflineQueue) {
    budget.include(() => queue.bytesHere);
  }
}

/**
 * The signaling server as a module of a Nest application, which must also call `configureApp`. One module imports
 * `SignalboxModule.forRoot` or `SignalboxModule.forRootAsync`. Further modules that inject the services import the bare
 * `SignalboxModule`, unless `isGlobal` is set.
 */
@Module({ imports: CORE, exports: CORE })
export class SignalboxModule {
  /** @throws ConfigError for an invalid option; Error for an extension that replaces nothing */
  static forRoot(options: SignalboxOptions = {}): DynamicModule {
    const { structure, options: values } = splitOptions(options);
    const config = configOf(Config, { ...values, demo: structure.demo });
    return compose(structure, ConfigModule.forRoot({ provide: Config, useValue: config }));
  }

  /**
   * As `forRoot`, with options that providers of the application create. If they are invalid, `NestFactory.create`
   * rejects with a ConfigError.
   * @throws ConfigError for an option beside them; Error for an extension that replaces nothing, and unless there is
   *   exactly one way to create the options
   */
  static forRootAsync(options: SignalboxAsyncOptions): DynamicModule {
    const { structure, options: ways } = splitOptions(options);
    const [config, ...others] = configProviders(ways);
    return compose(structure, ConfigModule.forRoot(config, { imports: options.imports, providers: others }));
  }
}

function compose(structure: SignalboxStructure, config: DynamicModule): DynamicModule {
  const { protocols, demo = true, isGlobal = false, extensions = [], imports = [], backplane } = structure;
  const served = new ServedProtocols(protocols);
  const services = served.services();
  const ports = BackplaneModule.forRoot(backplane);
  return {
    module: SignalboxModule,
    global: isGlobal,
    imports: [
      config,
      ports,
      EventsModule,
      WebhooksModule,
      ExtensionsModule.forRoot(extensions, [...services, ...imports]),
      ...services,
      WiringModule,
      IceHttpModule,
      ...(demo ? [DemoModule] : []),
      ...served.modules(),
    ],
    exports: [ports, ...services],
  };
}
