import { Global, Module } from '@nestjs/common';
import { Realms } from '../../realms/realms.js';
import { RealmsModule } from '../../realms/realms.module.js';
import { RoomsModule } from '../../rooms/rooms.module.js';
import { RoomsService } from '../../rooms/rooms.service.js';
import { SignalingModule } from '../../signaling/signaling.module.js';
import { SignalingService } from '../../signaling/signaling.service.js';
import { EasyRtcService } from './easyrtc.service.js';

/**
 * What an application injects of EasyRTC. The encoder of socket.io is loaded with the protocol itself. The module is
 * global because the bare `SignalboxModule`, which cannot know whether EasyRTC is served, cannot export it.
 */
@Global()
@Module({
  imports: [RealmsModule, RoomsModule, SignalingModule],
  providers: [
    {
      provide: EasyRtcService,
      inject: [Realms, SignalingService, RoomsService],
      useFactory: async (realms: Realms, signaling: SignalingService, rooms: RoomsService) => {
        const { payloadOf } = await import('./easyrtc.codec.js');
        return new EasyRtcService(realms, signaling, rooms, payloadOf);
      },
    },
  ],
  exports: [RealmsModule, EasyRtcService],
})
export class EasyRtcServicesModule {}
