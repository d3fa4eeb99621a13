import { Global, Module } from '@nestjs/common';
import { RoomsModule } from '../../rooms/rooms.module.js';
import { RoomsService } from '../../rooms/rooms.service.js';
import { SignalingModule } from '../../signaling/signaling.module.js';
import { SignalingService } from '../../signaling/signaling.service.js';
import { EasyRtcApplications } from './easyrtc.applications.js';
import { EasyRtcService } from './easyrtc.service.js';

/**
 * What an application injects of EasyRTC. The encoder of socket.io is loaded with the protocol itself. The module is
 * global because the bare `SignalboxModule`, which cannot know whether EasyRTC is served, cannot export it.
 */
@Global()
@Module({
  imports: [RoomsModule, SignalingModule],
  providers: [
    EasyRtcApplications,
    {
      provide: EasyRtcService,
      inject: [EasyRtcApplications, SignalingService, RoomsService],
      useFactory: async (applications: EasyRtcApplications, signaling: SignalingService, rooms: RoomsService) => {
        const { payloadOf } = await import('./easyrtc.codec.js');
        return new EasyRtcService(applications, signaling, rooms, payloadOf);
      },
    },
  ],
  exports: [EasyRtcApplications, EasyRtcService],
})
export class EasyRtcServicesModule {}
