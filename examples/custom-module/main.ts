import { NestFactory } from '@nestjs/core';
import { configureApp } from 'signalbox';
import { LobbyModule } from './lobby.module.js';

const app = configureApp(await NestFactory.create(LobbyModule));
await app.listen(process.env.PORT ?? 9000);
