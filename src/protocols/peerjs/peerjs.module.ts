import { Module } from '@nestjs/common';
import { ClientsModule } from '../../clients/clients.module.js';
import { Protocols } from '../../common/protocols.js';
import { IceHttpModule } from '../../ice/ice-http.module.js';
import { RealmsModule } from '../../realms/realms.module.js';
import { SignalingModule } from '../../signaling/signaling.module.js';
import { TransportModule } from '../../transport/transport.module.js';
import { NewcomersModule } from '../newcomers.module.js';
import { PeerJsAdmission } from './peerjs.admission.js';
import { PeerJsCodec } from './peerjs.codec.js';
import { PeerJsDiscovery } from './peerjs.discovery.js';
import { PeerJsExceptionFilter } from './peerjs.errors.js';
import { PeerJsGateway } from './peerjs.gateway.js';
import { PeerJsIce } from './peerjs.ice.js';
import { PeerJsIds } from './peerjs.ids.js';
import { PeerJsRoutes } from './peerjs.routes.js';

@Module({
  imports: [ClientsModule, IceHttpModule, NewcomersModule, RealmsModule, SignalingModule, TransportModule],
  providers: [
    PeerJsGateway,
    PeerJsCodec,
    PeerJsAdmission,
    PeerJsIds,
    PeerJsDiscovery,
    PeerJsIce,
    PeerJsRoutes,
    PeerJsExceptionFilter,
  ],
})
export class PeerJsModule {
  constructor(protocols: Protocols, codec: PeerJsCodec) {
    protocols.register(codec);
  }
}
