// A Nest application that embeds Signalbox with PeerJS alone, for the cost of its start.
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { configureApp, SignalboxModule } from '../../dist/index.js';
import { reportStart } from './report-start.mjs';

class AppModule {}
const protocols = { connector: false, easyrtc: false };
Module({ imports: [SignalboxModule.forRoot({ protocols, demo: false, logLevel: 'silent' })] })(AppModule);

const app = configureApp(await NestFactory.create(AppModule, { logger: false }));
await app.listen(0, '127.0.0.1');
reportStart();
