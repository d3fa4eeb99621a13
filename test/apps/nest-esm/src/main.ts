import { NestFactory } from '@nestjs/core';
import { configureApp } from 'signalbox';
import { serveDocs } from 'signalbox/admin';
import { AppModule } from './app.module.js';

const app = configureApp(await NestFactory.create(AppModule));
serveDocs(app);
await app.listen(process.env.PORT ?? 9000);
