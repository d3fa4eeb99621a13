import { Module } from '@nestjs/common';
import { Protocols } from '../../common/protocols.js';
import { RoomsModule } from '../../rooms/rooms.module.js';
import { SignalingModule } from '../../signaling/signaling.module.js';
import { SocketIoModule } from '../../transport/socket-io/socket-io.module.js';
import { TransportModule } from '../../transport/transport.module.js';
import { EasyRtcAdmission } from './easyrtc.admission.js';
import { EasyRtcApplications } from './easyrtc.applications.js';
import { EasyRtcCodec } from './easyrtc.codec.js';
import { EasyRtcExceptionFilter } from './easyrtc.errors.js';
import { EasyRtcGateway } from './easyrtc.gateway.js';
import { EasyRtcLogin } from './easyrtc.login.js';
import { EasyRtcRelay } from './easyrtc.relay.js';
import { EasyRtcRoomList } from './easyrtc.room-list.js';
import { EasyRtcRooms } from './easyrtc.rooms.js';
import { EasyRtcRoutes } from './easyrtc.routes.js';
import { EasyRtcService } from './easyrtc.service.js';

@Module({
  imports: [RoomsModule, SignalingModule, TransportModule, SocketIoModule],
  providers: [
    EasyRtcGateway,
    EasyRtcCodec,
    EasyRtcAdmission,
    EasyRtcApplications,
    EasyRtcLogin,
    EasyRtcRooms,
    EasyRtcRoomList,
    EasyRtcRelay,
    EasyRtcService,
    EasyRtcRoutes,
    EasyRtcExceptionFilter,
  ],
  exports: [EasyRtcService],
})
export class EasyRtcModule {
  constructor(protocols: Protocols, codec: EasyRtcCodec) {
    protocols.register(codec);
  }
}
