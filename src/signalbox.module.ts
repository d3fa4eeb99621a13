import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { BackplaneModule } from './backplane/backplane.module.js';
import { ClientsModule } from './clients/clients.module.js';
import { Config } from './config/config.js';
import { ConfigModule } from './config/config.module.js';
import { configOf } from './config/load-config.js';
import { DemoModule } from './demo/demo.module.js';
import { type Extension, ExtensionsModule } from './extensions.module.js';
import { LoggingModule } from './logging/logging.module.js';
import { HealthModule } from './nodes/health.module.js';
import { EasyRtcModule } from './protocols/easyrtc/easyrtc.module.js';
import { ConnectorModule } from './protocols/peer2peer-connector/connector.module.js';
import { PeerJsModule } from './protocols/peerjs/peerjs.module.js';
import { RoomsModule } from './rooms/rooms.module.js';
import { OfflineQueue } from './signaling/offline-queue.js';
import { SignalingModule } from './signaling/signaling.module.js';
import { MemoryBudget } from './transport/bounds/memory-budget.js';
import { TransportModule } from './transport/transport.module.js';

const PROTOCOLS = [ConnectorModule, PeerJsModule, EasyRtcModule];

const CORE = [ClientsModule, RoomsModule, SignalingModule, TransportModule, LoggingModule, HealthModule];

/** The signaling server as a module of a Nest application, which must also call `configureApp`. */
@Module({})
export class SignalboxModule {
  constructor(budget: MemoryBudget, queue: OfflineQueue) {
    budget.include(() => queue.bytesHere);
  }

  /**
   * @param options the options that differ from their defaults
   * @param extensions providers that replace the server's own, such as `IdGenerator`
   * @param imports modules of the application whose providers the extensions inject
   * @throws ConfigError for an invalid option; Error for an extension that replaces nothing
   */
  static forRoot(
    options: Partial<Config> = {},
    extensions: readonly Extension[] = [],
    imports: ModuleMetadata['imports'] = [],
  ): DynamicModule {
    const config = configOf(Config, options);
    const backplane = BackplaneModule.forRoot(config);
    return {
      module: SignalboxModule,
      imports: [
        ConfigModule.forRoot(config),
        backplane,
        ExtensionsModule.forRoot(extensions, imports),
        ...CORE,
        DemoModule,
        ...PROTOCOLS,
      ],
      exports: [backplane, ...CORE, EasyRtcModule],
    };
  }
}
