import { Module } from '@nestjs/common';
import { Protocols } from '../../common/protocols.js';
import { TurnShare } from '../../common/turn-share.js';
import { RealmsModule } from '../../realms/realms.module.js';
import { RoomsModule } from '../../rooms/rooms.module.js';
import { SignalingModule } from '../../signaling/signaling.module.js';
import { SocketIoModule } from '../../transport/socket-io/socket-io.module.js';
import { TransportModule } from '../../transport/transport.module.js';
import { NewcomersModule } from '../newcomers.module.js';
import { EasyRtcAdmission } from './easyrtc.admission.js';
import { EasyRtcCodec } from './easyrtc.codec.js';
import { EasyRtcExceptionFilter } from './easyrtc.errors.js';
import { EasyRtcGateway } from './easyrtc.gateway.js';
import { EasyRtcIce } from './easyrtc.ice.js';
import { EasyRtcLogin } from './easyrtc.login.js';
import { EasyRtcRelay } from './easyrtc.relay.js';
import { EasyRtcRoomList } from './easyrtc.room-list.js';
import { EasyRtcRooms } from './easyrtc.rooms.js';
import { EasyRtcRoutes } from './easyrtc.routes.js';
import { EasyRtcWelcome } from './easyrtc.welcome.js';
import { EasyRtcServicesModule } from './easyrtc-services.module.js';

/** The protocol over socket.io. Loaded only where it is served. */
@Module({
  imports: [
    EasyRtcServicesModule,
    NewcomersModule,
    RealmsModule,
    RoomsModule,
    SignalingModule,
    TransportModule,
    SocketIoModule,
  ],
  providers: [
    EasyRtcGateway,
    EasyRtcCodec,
    EasyRtcAdmission,
    EasyRtcLogin,
    EasyRtcIce,
    EasyRtcWelcome,
    EasyRtcRooms,
    TurnShare,
    EasyRtcRoomList,
    EasyRtcRelay,
    EasyRtcRoutes,
    EasyRtcExceptionFilter,
  ],
})
export class EasyRtcModule {
  constructor(protocols: Protocols, codec: EasyRtcCodec) {
    protocols.register(codec);
  }
}
