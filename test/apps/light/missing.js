// Prints the errors of parts whose packages are not installed.
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { configureApp, createApp, SignalboxModule } from 'signalbox';
import { createTestServer } from 'signalbox/testing';

async function start(options) {
  class AppModule {}
  Module({ imports: [SignalboxModule.forRoot({ logLevel: 'silent', ...options })] })(AppModule);
  await configureApp(await NestFactory.create(AppModule, { abortOnError: false, logger: false })).listen(0);
}

const starts = [
  () => start({}),
  () => start({ redis: 'redis://127.0.0.1:1', protocols: { easyrtc: false } }),
  () => createApp(),
  () => createTestServer(),
];
const errors = [];
for (const begin of starts)
  errors.push(
    await begin().then(
      () => 'none',
      ({ message }) => message,
    ),
  );
console.log(JSON.stringify(errors));
process.exit();
