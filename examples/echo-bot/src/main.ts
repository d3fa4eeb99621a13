import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { configureApp, SignalboxModule } from 'signalbox';
import { EchoBot } from './echo-bot.js';

@Module({ imports: [SignalboxModule.forRoot()], providers: [EchoBot] })
class AppModule {}

const app = configureApp(await NestFactory.create(AppModule));
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 9000);
