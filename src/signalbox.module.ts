import { Module, type DynamicModule } from '@nestjs/common';
import { BackplaneModule } from './backplane/backplane.module.js';
import { ClientsModule } from './clients/clients.module.js';
import { Config } from './config/config.js';
import { ConfigModule } from './config/config.module.js';
import { DemoModule } from './demo/demo.module.js';
import { InfoModule } from './info/info.module.js';
import { LoggingModule } from './logging/logging.module.js';
import { ConnectorModule } from './protocols/peer2peer-connector/connector.module.js';
import { RoomsModule } from './rooms/rooms.module.js';
import { SignalingModule } from './signaling/signaling.module.js';
import { TransportModule } from './transport/transport.module.js';

const CORE = [BackplaneModule, ClientsModule, RoomsModule, SignalingModule, TransportModule, LoggingModule];
const PROTOCOLS = [ConnectorModule];

/** The signaling server as a module of a Nest application. The application also calls `configureApp`. */
@Module({})
export class SignalboxModule {
  static forRoot(config = new Config()): DynamicModule {
    return {
      module: SignalboxModule,
      imports: [ConfigModule.forRoot(config), ...CORE, ...PROTOCOLS, InfoModule, DemoModule],
      exports: [...CORE],
    };
  }
}
