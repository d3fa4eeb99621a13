import { type DynamicModule, type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { Protocols } from '../../common/protocols.js';
import { securityHeaders } from '../../common/security-headers.js';
import { TurnShare } from '../../common/turn-share.js';
import type { EasyRtcOptions } from '../../config/sections/easyrtc.options.js';
import { RoomsModule } from '../../rooms/rooms.module.js';
import { SignalingModule } from '../../signaling/signaling.module.js';
import { TransportModule } from '../../transport/transport.module.js';
import { EasyRtcAdmission } from './easyrtc.admission.js';
import { EasyRtcApplications } from './easyrtc.applications.js';
import { EasyRtcCodec } from './easyrtc.codec.js';
import { EasyRtcController, SocketIoController } from './easyrtc.controller.js';
import { EasyRtcExceptionFilter } from './easyrtc.errors.js';
import { EasyRtcGateway } from './easyrtc.gateway.js';
import { EasyRtcLogin } from './easyrtc.login.js';
import { EasyRtcRelay } from './easyrtc.relay.js';
import { EasyRtcRoomList } from './easyrtc.room-list.js';
import { EasyRtcRooms } from './easyrtc.rooms.js';
import { EasyRtcService } from './easyrtc.service.js';

@Module({ imports: [TransportModule], controllers: [EasyRtcController] })
class EasyRtcLibraryModule {}

@Module({ controllers: [SocketIoController] })
class SocketIoLibraryModule {}

/** The client libraries, at the paths at which pages look for them. */
@Module({})
export class EasyRtcLibrariesModule implements NestModule {
  static forRoot({ easyrtcPath, socketIoPath }: EasyRtcOptions): DynamicModule {
    return {
      module: EasyRtcLibrariesModule,
      imports: [
        EasyRtcLibraryModule,
        SocketIoLibraryModule,
        RouterModule.register([
          { path: easyrtcPath, module: EasyRtcLibraryModule },
          { path: socketIoPath, module: SocketIoLibraryModule },
        ]),
      ],
    };
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(securityHeaders).forRoutes(EasyRtcController, SocketIoController);
  }
}

@Module({
  imports: [RoomsModule, SignalingModule, TransportModule],
  providers: [
    EasyRtcGateway,
    EasyRtcCodec,
    EasyRtcAdmission,
    EasyRtcApplications,
    EasyRtcLogin,
    EasyRtcRooms,
    TurnShare,
    EasyRtcRoomList,
    EasyRtcRelay,
    EasyRtcService,
    EasyRtcExceptionFilter,
  ],
  exports: [EasyRtcService],
})
export class EasyRtcModule {
  constructor(protocols: Protocols, codec: EasyRtcCodec) {
    protocols.register(codec);
  }
}
