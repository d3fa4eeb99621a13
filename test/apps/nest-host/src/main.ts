// An application with a prefix, versions, guards, a throttler, an interceptor, a filter, middleware, a gateway and a logger
// of its own, none of which may act on the clients of Signalbox.
import { VersioningType } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import compression from 'compression';
import helmet from 'helmet';
import { Logger } from 'nestjs-pino';
import { configureApp } from 'signalbox';
import { AppModule } from './app.module.js';

const app = await NestFactory.create<NestExpressApplication>(AppModule, { bufferLogs: true });
app.useLogger(app.get(Logger));
app.setGlobalPrefix('api');
app.enableVersioning({ type: VersioningType.URI });
app.use(helmet(), compression({ threshold: 0 }));
configureApp(app, { logger: 'host' });
await app.listen(process.env.PORT ?? 9000);
