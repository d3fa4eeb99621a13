import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import type { INestApplication } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { LiveConfig } from '../config/live-config.js';
import { ConfigError, type LoadedConfig } from '../config/load-config.js';
import { createApp } from '../create-app.js';
import { listen } from '../listen.js';
import { Log } from '../logging/log.js';
import { bannerOf } from './banner.js';
import { originsOf } from './origins.js';
import { Reloader } from './reloader.js';

/** Maximum time for the process to exit after the last connection is closed. */
const EXIT_GRACE_MS = 500;

const CANNOT_LISTEN = 1;
const WRONG_USAGE = 2;

/** Explanations of the errors of `listen`, by error code. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses this port (choose another one with --port)',
  EACCES: 'not allowed (ports below 1024 need special rights)',
  EADDRNOTAVAIL: 'this machine does not have this address (choose another one with --host)',
  ENOTFOUND: 'no such host (choose another one with --host)',
  EAI_AGAIN: 'no such host, according to the reachable name servers (choose another one with --host)',
};

/** The same for Unix sockets and Windows pipes. */
const REASONS_OF_SOCKETS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there, or the file is not a socket (choose another one with --port)',
  EACCES: 'permission denied, or the folder does not exist',
};

/**
 * Runs the server until a signal stops it. If it cannot start, writes one line for each problem and exits.
 * @param reload reads the configuration again from the same sources
 */
export async function serve(
  { config, origins, files }: LoadedConfig<Config>,
  reload: () => LoadedConfig<Config>,
): Promise<void> {
  // Young-generation collections are too small to be worth waking V8's helper threads (5 % less CPU per connect).
  setFlagsFromString('--no-parallel-scavenge');
  try {
    const app = await createApp(config);
    const log = app.get(Log, { strict: false });
    const { logger } = log;
    const live = app.get(LiveConfig);
    live.noteOrigins(origins);
    const reloader = new Reloader(live, reload, logger);
    stopOnSignal(app, log, config.shutdownTimeoutMs);
    const port = await listen(app);
    if (log.greetsHumans) for (const row of bannerOf(app, port)) log.output.write(row);
    else logger.info(typeof port === 'string' ? { socket: port } : { port, urls: urlsOf(config, port) }, 'listening');
    reloader.start(files);
  } catch (error) {
    process.exit(reported(error, config));
  }
}

/** Returns the URLs of the demo page, or of the server without it, for the operator's browser. */
function urlsOf({ host, sslkey, demo }: Config, port: number): string[] {
  return originsOf(host, port, sslkey !== '').map((origin) => `${origin}/${demo ? 'demo' : ''}`);
}

/** Writes the reason why the server cannot start. Returns the exit code. */
function reported(error: unknown, config: Config): number {
  if (error instanceof ConfigError) {
    for (const problem of error.problems) process.stderr.write(`signalbox: ${problem}\n`);
    return WRONG_USAGE;
  }
  const { code = '', syscall, message, address, port } = error as NodeJS.ErrnoException & Partial<AddressInfo>;
  if (syscall === undefined) throw error;
  // For a socket path, Node reports port -1.
  const isSocket = typeof config.port === 'string' && (port ?? -1) < 0;
  const place = isSocket ? config.port : `${address ?? config.host} port ${port ?? config.port}`;
  const reason = (isSocket ? REASONS_OF_SOCKETS : REASONS)[code] ?? message;
  process.stderr.write(`signalbox: cannot listen on ${place}: ${reason}\n`);
  return CANNOT_LISTEN;
}

/** Drains the server on the first signal, and exits at once on the second. The last line of the log says so. */
function stopOnSignal(app: INestApplication, { logger, output }: Log, timeoutMs: number): void {
  let stopping = false;
  const exit = (code: number): void => {
    // A stuck write would keep the process from exiting.
    if (output.isStuck) process.kill(process.pid, 'SIGKILL');
    process.exit(code);
  };
  const stop = (signal: NodeJS.Signals): void => {
    const stopped = (how: string): void => {
      logger.info({ signal, how, uptimeSeconds: Math.round(process.uptime()) }, 'stopped');
    };
    if (stopping) {
      stopped('at once, by a second signal');
      exit(1);
    }
    stopping = true;
    void app
      .close()
      .then(() => stopped('drained'))
      .then(() => output.flushed(EXIT_GRACE_MS))
      .then(() => exit(0));
    // Requests in flight must not delay the exit, either.
    setTimeout(() => {
      stopped('after shutdownTimeoutMs');
      exit(0);
    }, timeoutMs + EXIT_GRACE_MS);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
