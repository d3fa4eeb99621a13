import type { NestExpressApplication } from '@nestjs/platform-express';
import { Config } from '../../src/config/config.js';
import { createApp, listen } from '../../src/configure-app.js';
import type { Extension } from '../../src/extensions.module.js';
import { startSpread } from './spread-nodes.js';
import { atTeardown } from './teardown.js';

export interface TestServer {
  /** Application of the first node. */
  readonly app: NestExpressApplication;
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** `ws://127.0.0.1:PORT` */
  readonly wsUrl: string;
  /** Returns this provider of each node. */
  everywhere<T>(type: abstract new (...args: never[]) => T): T[];
  close(): Promise<void>;
}

/**
 * Starts the application as `launchServer` does, and closes it after the test, or after the file if `beforeAll` starts
 * it.
 */
export async function startServer(
  options: Partial<Config> = {},
  extensions: readonly Extension[] = [],
): Promise<TestServer> {
  const server = await launchServer(options, extensions);
  atTeardown(() => server.close());
  return server;
}

/**
 * Starts the real application on a free port of this machine. The caller closes it.
 * If Jest's `globals.NODES` is above 1, that many nodes share the port, and each new client reaches the next node.
 */
export async function launchServer(
  options: Partial<Config> = {},
  extensions: readonly Extension[] = [],
): Promise<TestServer> {
  const { NODES: count = 1 } = globalThis as { NODES?: number };
  if (count === 1) return startOne(options, extensions);
  return startSpread(count, (own) => startOne({ ...options, ...own }, extensions));
}

async function startOne(options: Partial<Config>, extensions: readonly Extension[]): Promise<TestServer> {
  const config = Object.assign(new Config(), {
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    shutdownTimeoutMs: 5000,
    ...options,
  });
  const app = await createApp({ ...config, extensions });
  const port = Number(await listen(app));
  let closed: Promise<void> | undefined;
  return {
    app,
    port,
    url: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}`,
    everywhere: (type) => [app.get(type, { strict: false })],
    close: () => (closed ??= app.close()),
  };
}
