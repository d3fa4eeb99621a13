import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import type { INestApplication } from '@nestjs/common';
import type { Config } from './config/config.js';
import { ConfigError } from './config/load-config.js';
import { createApp, listen } from './configure-app.js';
import { Log } from './logging/log.js';
import type { StandardOutput } from './logging/standard-output.js';

/** How long the process may take to end after the last connection was cut. */
const EXIT_GRACE_MS = 500;

const CANNOT_LISTEN = 1;
const WRONG_USAGE = 2;

/** Why a server cannot listen, by the code of the operating system. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses this port (choose another one with --port)',
  EACCES: 'not allowed (ports below 1024 need special rights)',
  EADDRNOTAVAIL: 'this machine does not have this address (choose another one with --host)',
  ENOTFOUND: 'no such host (choose another one with --host)',
  EAI_AGAIN: 'no such host, as far as the name servers that can be reached know (choose another one with --host)',
};

/** The same for a Unix socket or a Windows pipe. */
const REASONS_OF_SOCKETS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there, or the file is no socket (choose another one with --port)',
  EACCES: 'not allowed, or there is no such folder',
};

/** Runs the server until a signal ends it. Ends the process, with one line for each problem, if it cannot start. */
export async function serve(config: Config): Promise<void> {
  // Waking threads to share the little that V8 has to collect at a time costs more than doing it.
  setFlagsFromString('--no-parallel-scavenge');
  try {
    const app = await createApp(config);
    const { pino, output } = app.get(Log, { strict: false });
    process.on('SIGHUP', () => pino.warn('SIGHUP is ignored: the configuration is read at the start only'));
    stopOnSignal(app, output, config.shutdownTimeoutMs);
    const port = await listen(app);
    pino.info(typeof port === 'string' ? { socket: port } : { port, urls: urlsOf(config, port) }, 'listening');
  } catch (error) {
    process.exit(reported(error, config));
  }
}

/** Writes why the server cannot start. Returns the exit code. */
function reported(error: unknown, config: Config): number {
  if (error instanceof ConfigError) {
    for (const problem of error.problems) process.stderr.write(`signalbox: ${problem}\n`);
    return WRONG_USAGE;
  }
  const { code = '', syscall, message, address, port } = error as NodeJS.ErrnoException & Partial<AddressInfo>;
  if (syscall === undefined) throw error;
  // Node says port -1 of what is none.
  const isSocket = typeof config.port === 'string' && (port ?? -1) < 0;
  const place = isSocket ? config.port : `${address ?? config.host} port ${port ?? config.port}`;
  const reason = (isSocket ? REASONS_OF_SOCKETS : REASONS)[code] ?? message;
  process.stderr.write(`signalbox: cannot listen on ${place}: ${reason}\n`);
  return CANNOT_LISTEN;
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

/** Returns the URLs of the demo page, for the operator's browser. */
function urlsOf({ host, sslkey }: Config, port: number): string[] {
  const isEverywhere = ['::', '0.0.0.0'].includes(host);
  const addresses = isEverywhere ? ['localhost', ...externalAddresses()] : [host];
  const scheme = sslkey === '' ? 'http' : 'https';
  return addresses.map((address) => `${scheme}://${address.includes(':') ? `[${address}]` : address}:${port}/demo`);
}

function externalAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flat()
    .flatMap((info) => (info?.family === 'IPv4' && !info.internal ? info.address : []));
}
