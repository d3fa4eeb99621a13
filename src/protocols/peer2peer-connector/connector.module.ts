import { Module } from '@nestjs/common';
import { Protocols } from '../../common/protocols.js';
import { RealmsModule } from '../../realms/realms.module.js';
import { RoomsModule } from '../../rooms/rooms.module.js';
import { SignalingModule } from '../../signaling/signaling.module.js';
import { TransportModule } from '../../transport/transport.module.js';
import { NewcomersModule } from '../newcomers.module.js';
import { ConnectorAdmission } from './connector.admission.js';
import { ConnectorCodec } from './connector.codec.js';
import { ConnectorDoors } from './connector.doors.js';
import { ConnectorExceptionFilter } from './connector.errors.js';
import { ConnectorGateway } from './connector.gateway.js';
import { ConnectorRenewals } from './connector.renewals.js';

@Module({
  imports: [NewcomersModule, RealmsModule, RoomsModule, SignalingModule, TransportModule],
  providers: [
    ConnectorGateway,
    ConnectorCodec,
    ConnectorAdmission,
    ConnectorDoors,
    ConnectorRenewals,
    ConnectorExceptionFilter,
  ],
})
export class ConnectorModule {
  constructor(protocols: Protocols, codec: ConnectorCodec) {
    protocols.register(codec);
  }
}
