import { type DynamicModule, Module, type ModuleMetadata, type Provider, type Type } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { type Protocol, Protocols } from '../common/protocols.js';
import { RoomsModule } from '../rooms/rooms.module.js';
import { SignalingModule } from '../signaling/signaling.module.js';
import { filterOf } from '../transport/endpoint/message-handlers.js';
import { gatewayOptionsOf } from '../transport/signalbox-gateway.js';
import { SocketIoModule } from '../transport/socket-io/socket-io.module.js';
import { TransportModule } from '../transport/transport.module.js';
import { NewcomersModule } from './newcomers.module.js';

const SERVICES = [ClientsModule, NewcomersModule, RoomsModule, SignalingModule, TransportModule];

/** What a protocol's providers need beside the server's services. */
export type ProtocolFeature = Pick<ModuleMetadata, 'imports' | 'providers' | 'exports' | 'controllers'>;

/** Registers a protocol, so that other clients know which signals its clients accept. */
class Registration {
  /** @throws Error if the gateway and the codec name the protocol differently, or if the name is in use */
  constructor(protocols: Protocols, codec: Protocol, gateway: Type<object>, name: string) {
    if (codec.name !== name) {
      throw new Error(`${gateway.name} names its protocol ${name}, and its codec names it ${codec.name}`);
    }
    protocols.register(codec);
  }
}

/** Adds protocols of an application to the server, beside `SignalboxModule`. */
@Module({})
export class ProtocolModule {
  /**
   * Provides the gateway, its codec, its admission and its filter, and serves the protocol. They may inject
   * `SignalSender`, `ClientRooms`, `IdGenerator` and the services of `signalbox`.
   * @param gateway a class with `@SignalboxGateway` and `@UseFilters`
   * @param feature further providers of the protocol, and modules that they need
   * @throws Error for a class whose decorators are missing
   */
  static forFeature(
    gateway: Type<object>,
    { imports = [], providers = [], ...rest }: ProtocolFeature = {},
  ): DynamicModule {
    const { protocol, codec, admission, over } = gatewayOptionsOf(gateway);
    const registration: Provider = {
      provide: Registration,
      inject: [Protocols, codec],
      useFactory: (protocols: Protocols, itsCodec: Protocol) =>
        new Registration(protocols, itsCodec, gateway, protocol),
    };
    return {
      ...rest,
      module: ProtocolModule,
      imports: [...SERVICES, ...(over === 'socket.io' ? [SocketIoModule] : []), ...imports],
      providers: [gateway, codec, admission, filterOf(gateway), registration, ...providers],
    };
  }
}
