#!/usr/bin/env node
import 'reflect-metadata';
import { networkInterfaces } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import type { INestApplication } from '@nestjs/common';
import { runCli } from './cli/cli.js';
import type { Config } from './config/config.js';
import { createApp, listen } from './configure-app.js';
import { Log } from './logging/log.js';
import type { StandardOutput } from './logging/standard-output.js';

/** How long the process may take to end after the last connection was cut. */
const EXIT_GRACE_MS = 500;

const outcome = runCli({
  argv: process.argv.slice(2),
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
});
if ('run' in outcome) await run(outcome.run);
else process.exitCode = outcome.exitCode;

async function run(config: Config): Promise<void> {
  // Waking threads to share the little that V8 has to collect at a time costs more than doing it.
  setFlagsFromString('--no-parallel-scavenge');
  // Comes when a terminal is closed, and from operators who expect a reload: it ends nothing, not even the start.
  process.on('SIGHUP', () => undefined);
  const app = await createApp(config);
  const log = app.get(Log, { strict: false });
  process.on('SIGHUP', () => log.pino.warn('SIGHUP is ignored: the configuration is read at the start only'));
  stopOnSignal(app, log.output, config.shutdownTimeoutMs);
  try {
    const port = await listen(app);
    log.pino.info({ port, urls: urlsOf(config.host, port) }, 'listening');
  } catch (error) {
    process.stderr.write(`signalbox: cannot listen on ${config.host} port ${config.port}: ${reasonOf(error)}\n`);
    process.exit(1);
  }
}

/** The first signal lets the clients go, the second one does not wait for them. */
function stopOnSignal(app: INestApplication, output: StandardOutput, timeoutMs: number): void {
  let stopping = false;
  const exit = (code: number): void => {
    // A stuck write keeps the process from exiting.
    if (output.isStuck) process.kill(process.pid, 'SIGKILL');
    process.exit(code);
  };
  const stop = (): void => {
    if (stopping) exit(1);
    stopping = true;
    void app
      .close()
      .then(() => output.flushed(EXIT_GRACE_MS))
      .then(() => exit(0));
    // Requests that are still under way do not hold it either.
    setTimeout(() => exit(0), timeoutMs + EXIT_GRACE_MS);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return 'another program uses this port (choose another one with --port)';
  if (code === 'EACCES') return 'not allowed (ports below 1024 need special rights)';
  return message;
}

/** What a person may type into a browser to reach the server. */
function urlsOf(host: string, port: number): string[] {
  const isEverywhere = ['::', '0.0.0.0'].includes(host);
  const addresses = isEverywhere ? ['localhost', ...externalAddresses()] : [host];
  return addresses.map((address) => `http://${address.includes(':') ? `[${address}]` : address}:${port}/demo`);
}

function externalAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flat()
    .flatMap((info) => (info?.family === 'IPv4' && !info.internal ? info.address : []));
}
