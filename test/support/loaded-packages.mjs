// Starts an application that embeds the built server with the options in the last argument, and prints the names of the
// packages that have been loaded, as a JSON array.
import { Session } from 'node:inspector';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { configureApp, SignalboxModule } from '../../dist/index.js';

const options = JSON.parse(process.argv.at(-1));
class RootModule {}
Module({ imports: [SignalboxModule.forRootAsync({ ...options.structure, useFactory: () => options.values })] })(
  RootModule,
);

const app = configureApp(await NestFactory.create(RootModule, { logger: false, abortOnError: false }));
await app.listen(0, '127.0.0.1');

const packages = new Set();
const session = new Session();
session.connect();
// The inspector reports all scripts that are loaded already.
session.on('Debugger.scriptParsed', ({ params: { url } }) => {
  const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (name) packages.add(name);
});
session.post('Debugger.enable', () => {
  process.stdout.write(JSON.stringify([...packages]), () => process.exit());
});
