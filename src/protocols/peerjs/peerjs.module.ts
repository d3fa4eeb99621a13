import { type DynamicModule, type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { ClientsModule } from '../../clients/clients.module.js';
import { Protocols } from '../../common/protocols.js';
import { securityHeaders } from '../../common/security-headers.js';
import { PeerJsOptions } from '../../config/sections/peerjs.options.js';
import { SignalingModule } from '../../signaling/signaling.module.js';
import { RequestRouter } from '../../transport/http/request-router.js';
import { TransportModule } from '../../transport/transport.module.js';
import { PeerJsAdmission } from './peerjs.admission.js';
import { PeerJsCodec } from './peerjs.codec.js';
import { PeerJsController } from './peerjs.controller.js';
import { PeerJsExceptionFilter } from './peerjs.errors.js';
import { PeerJsGateway } from './peerjs.gateway.js';
import { PeerJsRootController } from './peerjs.info.js';
import { PeerJsKeys } from './peerjs.keys.js';
import { isPeerJsPath, mountPath } from './peerjs.path.js';

@Module({ controllers: [PeerJsRootController] })
class PeerJsRootModule {}

@Module({})
export class PeerJsModule implements NestModule {
  constructor(
    protocols: Protocols,
    codec: PeerJsCodec,
    { path }: PeerJsOptions,
    keys: PeerJsKeys,
    { cors }: RequestRouter,
  ) {
    protocols.register(codec);
    cors.share(isPeerJsPath(mountPath(path), (key) => keys.has(key)));
  }

  static forRoot({ path }: PeerJsOptions): DynamicModule {
    return {
      module: PeerJsModule,
      imports: [
        ClientsModule,
        SignalingModule,
        TransportModule,
        PeerJsRootModule,
        RouterModule.register([{ path: mountPath(path), module: PeerJsModule }]),
      ],
      controllers: [PeerJsController],
      providers: [PeerJsGateway, PeerJsCodec, PeerJsAdmission, PeerJsKeys, PeerJsExceptionFilter],
    };
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(securityHeaders).forRoutes(PeerJsRootController, PeerJsController);
  }
}
