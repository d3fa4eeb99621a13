import { Module, type DynamicModule } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { ClientsModule } from '../../clients/clients.module.js';
import { Protocols } from '../../common/protocols.js';
import { PeerJsOptions } from '../../config/sections/peerjs.options.js';
import { SignalingModule } from '../../signaling/signaling.module.js';
import { RequestRouter } from '../../transport/http/request-router.js';
import { TransportModule } from '../../transport/transport.module.js';
import { PeerJsAdmission } from './peerjs.admission.js';
import { PeerJsCodec } from './peerjs.codec.js';
import { PeerJsController } from './peerjs.controller.js';
import { PeerJsExceptionFilter } from './peerjs.errors.js';
import { PeerJsGateway } from './peerjs.gateway.js';
import { PeerJsKeys } from './peerjs.keys.js';
import { isPeerJsPath, mountPath } from './peerjs.path.js';

@Module({})
export class PeerJsModule {
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
        RouterModule.register([{ path: mountPath(path), module: PeerJsModule }]),
      ],
      controllers: [PeerJsController],
      providers: [PeerJsGateway, PeerJsCodec, PeerJsAdmission, PeerJsKeys, PeerJsExceptionFilter],
    };
  }
}
