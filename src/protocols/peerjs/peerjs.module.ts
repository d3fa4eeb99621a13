import { Module, type DynamicModule } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { ClientsModule } from '../../clients/clients.module.js';
import { Config } from '../../config/config.js';
import { SignalingModule } from '../../signaling/signaling.module.js';
import { RequestRouter } from '../../transport/http/request-router.js';
import { TransportModule } from '../../transport/transport.module.js';
import { PeerJsController } from './peerjs.controller.js';
import { PeerJsExceptionFilter } from './peerjs.errors.js';
import { PeerJsGateway } from './peerjs.gateway.js';
import { PeerJsKeys } from './peerjs-keys.js';
import { isPeerJsPath, mountPath } from './peerjs-path.js';

@Module({})
export class PeerJsModule {
  constructor({ path }: Config, keys: PeerJsKeys, { cors }: RequestRouter) {
    cors.share(isPeerJsPath(mountPath(path), (key) => keys.has(key)));
  }

  static forRoot({ path }: Config): DynamicModule {
    return {
      module: PeerJsModule,
      imports: [
        ClientsModule,
        SignalingModule,
        TransportModule,
        RouterModule.register([{ path: mountPath(path), module: PeerJsModule }]),
      ],
      controllers: [PeerJsController],
      providers: [PeerJsGateway, PeerJsKeys, PeerJsExceptionFilter],
    };
  }
}
