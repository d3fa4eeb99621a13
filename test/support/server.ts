import type { NestExpressApplication } from '@nestjs/platform-express';
import { Config } from '../../src/config/config.js';
import { createApp, listen } from '../../src/configure-app.js';
import type { Extension } from '../../src/extensions.module.js';
import { startSpread } from './spread-nodes.js';

export interface TestServer {
  /** The first node, if there are several. */
  readonly app: NestExpressApplication;
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** `ws://127.0.0.1:PORT` */
  readonly wsUrl: string;
  /** This provider of each node. */
  everywhere<T>(type: abstract new (...args: never[]) => T): T[];
  close(): Promise<void>;
}

/**
 * The real application on a free port of this machine. Whoever starts it closes it.
 * Where Jest is told so (`globals.NODES`), it is several nodes behind that port, and each client on the next one.
 */
export async function startServer(
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
  const app = await createApp(config, extensions);
  const port = Number(await listen(app));
  return {
    app,
    port,
    url: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}`,
    everywhere: (type) => [app.get(type, { strict: false })],
    close: () => app.close(),
  };
}
