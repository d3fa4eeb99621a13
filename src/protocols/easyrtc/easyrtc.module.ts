import { Module } from '@nestjs/common';
import { RoomsModule } from '../../rooms/rooms.module.js';
import { SignalingModule } from '../../signaling/signaling.module.js';
import { TransportModule } from '../../transport/transport.module.js';
import { EasyRtcApplications } from './easyrtc.applications.js';
import { EasyRtcController } from './easyrtc.controller.js';
import { EasyRtcExceptionFilter } from './easyrtc.errors.js';
import { EasyRtcGateway } from './easyrtc.gateway.js';
import { EasyRtcLogin } from './easyrtc.login.js';
import { EasyRtcRelay } from './easyrtc.relay.js';
import { EasyRtcRoomList } from './easyrtc.room-list.js';
import { EasyRtcRooms } from './easyrtc.rooms.js';
import { EasyRtcService } from './easyrtc.service.js';

@Module({
  imports: [RoomsModule, SignalingModule, TransportModule],
  controllers: [EasyRtcController],
  providers: [
    EasyRtcGateway,
    EasyRtcApplications,
    EasyRtcLogin,
    EasyRtcRooms,
    EasyRtcRoomList,
    EasyRtcRelay,
    EasyRtcService,
    EasyRtcExceptionFilter,
  ],
  exports: [EasyRtcService],
})
export class EasyRtcModule {}
