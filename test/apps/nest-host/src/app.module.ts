import { type ExecutionContext, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { LoggerModule } from 'nestjs-pino';
import { SignalboxModule } from 'signalbox';
import {
  CatchAllFilter,
  ChatGateway,
  ClosedController,
  DenyAllGuard,
  EnvelopeInterceptor,
  OwnController,
} from './own.js';

const throttler = {
  throttlers: [{ ttl: 600_000, limit: 5 }],
  skipIf: (context: ExecutionContext) => context.getType() !== 'http',
};

@Module({
  imports: [
    LoggerModule.forRoot(),
    ThrottlerModule.forRoot(throttler),
    // Without ICE servers, clients query no other host for their addresses.
    SignalboxModule.forRoot({ allowDiscovery: true, iceServers: [] }),
  ],
  controllers: [OwnController, ClosedController],
  providers: [
    ChatGateway,
    { provide: APP_GUARD, useClass: ThrottlerGuard },
    { provide: APP_GUARD, useClass: DenyAllGuard },
    { provide: APP_INTERCEPTOR, useClass: EnvelopeInterceptor },
    { provide: APP_FILTER, useClass: CatchAllFilter },
  ],
})
export class AppModule {}
