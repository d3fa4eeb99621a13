import type { Config } from '../../src/config/config.js';
import type { Extension } from '../../src/extensions.module.js';
import { createTestServer, type TestServer as OneServer } from '../../src/testing/test-server.js';
import { startSpread } from './spread-nodes.js';
import { atTeardown } from './teardown.js';

export interface TestServer extends OneServer {
  /** Returns this provider of each node; `app` is that of the first one. */
  everywhere<T>(type: abstract new (...args: never[]) => T): T[];
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
  const server = await createTestServer({ shutdownTimeoutMs: 5000, ...options, extensions });
  return { ...server, everywhere: (type) => [server.app.get(type, { strict: false })] };
}
