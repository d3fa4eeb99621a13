import type { NestExpressApplication } from '@nestjs/platform-express';
import { Config } from '../config/config.js';
import { createApp } from '../create-app.js';
import { listen } from '../listen.js';
import type { SignalboxOptions } from '../signalbox-options.js';

const HOST = '127.0.0.1';

/** A running server. */
export interface TestServer {
  readonly app: NestExpressApplication;
  readonly port: number;
  /** `http://127.0.0.1:PORT`, or `https:` with `sslkey` */
  readonly url: string;
  /** `ws://127.0.0.1:PORT`, or `wss:` with `sslkey` */
  readonly wsUrl: string;
  /** Disconnects all clients and stops the server. Further calls wait for the same end. */
  close(): Promise<void>;
}

/**
 * Starts the stand-alone server, with all protocols, on a free port of 127.0.0.1 and without a log. The caller closes
 * it.
 * @throws ConfigError for an invalid option
 */
export async function createTestServer(options: SignalboxOptions = {}): Promise<TestServer> {
  const app = await createApp({ host: HOST, port: 0, logLevel: 'silent', ...options });
  const port = Number(await listen(app));
  const secure = app.get(Config).sslkey === '' ? '' : 's';
  let closed: Promise<void> | undefined;
  return {
    app,
    port,
    url: `http${secure}://${HOST}:${port}`,
    wsUrl: `ws${secure}://${HOST}:${port}`,
    close: () => (closed ??= app.close()),
  };
}
