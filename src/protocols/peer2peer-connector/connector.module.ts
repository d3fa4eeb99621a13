import { Module } from '@nestjs/common';
import { Protocols } from '../../common/protocols.js';
import { RoomsModule } from '../../rooms/rooms.module.js';
import { SignalingModule } from '../../signaling/signaling.module.js';
import { TransportModule } from '../../transport/transport.module.js';
import { NewcomersModule } from '../newcomers.module.js';
import { ConnectorAdmission } from './connector.admission.js';
import { ConnectorCodec } from './connector.codec.js';
import { ConnectorExceptionFilter } from './connector.errors.js';
import { ConnectorGateway } from './connector.gateway.js';
import { ConnectorRenewals } from './connector.renewals.js';

@Module({
  imports: [NewcomersModule, RoomsModule, SignalingModule, TransportModule],
  providers: [ConnectorGateway, ConnectorCodec, ConnectorAdmission, ConnectorRenewals, ConnectorExceptionFilter],
})
export class ConnectorModule {
  constructor(protocols: Protocols, codec: ConnectorCodec) {
    protocols.register(codec);
  }
}
