import type { NestExpressApplication } from '@nestjs/platform-express';
import { Config } from '../../src/config/config.js';
import { createApp, listen } from '../../src/configure-app.js';
import type { Extension } from '../../src/extensions.module.js';

export interface TestServer {
  readonly app: NestExpressApplication;
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** `ws://127.0.0.1:PORT` */
  readonly wsUrl: string;
  close(): Promise<void>;
}

/** The real application on a free port of this machine. Whoever starts it closes it. */
export async function startServer(
  options: Partial<Config> = {},
  extensions: readonly Extension[] = [],
): Promise<TestServer> {
  const config = Object.assign(new Config(), {
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    shutdownTimeoutMs: 5000,
    ...options,
  });
  const app = await createApp(config, extensions);
  const port = await listen(app);
  return {
    app,
    port,
    url: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}`,
    close: () => app.close(),
  };
}
