// An empty Nest application, for the cost of its start.
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { reportStart } from './report-start.mjs';

class AppModule {}
Module({})(AppModule);

const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(0, '127.0.0.1');
reportStart();
