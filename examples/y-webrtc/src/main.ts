import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { configureApp, SignalboxModule } from 'signalbox';
import { ProtocolModule } from 'signalbox/protocol';
import { YWebrtcGateway } from './y-webrtc.gateway.js';

/** The signaling server with one more protocol. With REDIS_URL, several nodes serve the same topics. */
@Module({
  imports: [SignalboxModule.forRoot({ redis: process.env.REDIS_URL ?? '' }), ProtocolModule.forFeature(YWebrtcGateway)],
})
class AppModule {}

const app = configureApp(await NestFactory.create<NestExpressApplication>(AppModule));
// The page of an editor, which the build has bundled with the unmodified y-webrtc.
app.useStaticAssets('public');
app.useStaticAssets('dist/public');
await app.listen(process.env.PORT ?? 9000);
