import { Module } from '@nestjs/common';
import type { EndpointContext } from '../endpoint/endpoint-context.js';
import type { SocketIoEndpoint } from './socket-io.endpoint.js';

/** Serves protocols over socket.io, which is loaded only if the server has one. */
export class SocketIo {
  constructor(private readonly Endpoint: typeof SocketIoEndpoint) {}

  /** @throws Error for a gateway whose decorators are missing or contradict each other */
  serve(context: EndpointContext, gateway: object): SocketIoEndpoint {
    return new this.Endpoint(context, gateway);
  }
}

@Module({
  providers: [
    {
      provide: SocketIo,
      useFactory: async () => new SocketIo((await import('./socket-io.endpoint.js')).SocketIoEndpoint),
    },
  ],
})
export class SocketIoModule {}
