// An application with PeerJS alone.
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { configureApp, SignalboxModule } from 'signalbox';

class AppModule {}
const protocols = { connector: false, easyrtc: false };
Module({ imports: [SignalboxModule.forRoot({ protocols, demo: false, logLevel: 'warn' })] })(AppModule);

const app = configureApp(await NestFactory.create(AppModule));
await app.listen(process.env.PORT ?? 9000);
