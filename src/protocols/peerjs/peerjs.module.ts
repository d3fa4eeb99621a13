import { Module, RequestMethod, type DynamicModule, type MiddlewareConsumer, type NestModule } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import cors from 'cors';
import { ClientsModule } from '../../clients/clients.module.js';
import { Config } from '../../config/config.js';
import { SignalingModule } from '../../signaling/signaling.module.js';
import { TransportModule } from '../../transport/transport.module.js';
import { PeerJsController } from './peerjs.controller.js';
import { PeerJsExceptionFilter } from './peerjs.errors.js';
import { PeerJsGateway } from './peerjs.gateway.js';
import { PeerJsKeys } from './peerjs-keys.js';
import { mountPath } from './peerjs-path.js';

@Module({})
export class PeerJsModule implements NestModule {
  constructor(private readonly config: Config) {}

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

  configure(consumer: MiddlewareConsumer): void {
    const { cors: list, path } = this.config;
    const origin = list.length === 0 || list.includes('*') || [...list];
    const mount = mountPath(path);
    consumer.apply(cors({ origin })).forRoutes(
      ...[mount || '/', `${mount}/:key/id`, `${mount}/:key/peers`].map((route) => ({
        path: route,
        method: RequestMethod.ALL,
      })),
    );
  }
}
