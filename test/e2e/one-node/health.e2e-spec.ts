import { jest } from '@jest/globals';
import { ClientDirectory } from '../../../src/clients/client-directory.js';
import type { Config } from '../../../src/config/config.js';
import { type AdminServer, startAdminServer } from '../../support/admin-api.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { until, upgradeStatus } from '../../support/peerjs-socket.js';

const MIB = 1024 * 1024;
/** The event-loop delays are reset every ten seconds. */
const RECOVERY_MS = 15_000;

interface Indicator {
  readonly status: 'up' | 'down';
  readonly value?: number;
  readonly limit?: number;
}

interface Health {
  readonly status: 'ok' | 'error';
  readonly info: Readonly<Record<string, Indicator>>;
  readonly error: Readonly<Record<string, Indicator>>;
  readonly details: Readonly<Record<string, Indicator>>;
}

describe('health', () => {
  let server: AdminServer;

  async function start(options: Partial<Config> = {}): Promise<void> {
    server = await startAdminServer(options);
  }

  afterEach(async () => {
    jest.restoreAllMocks();
    await ConnectorClient.closeAll();
    await server.close();
  });

  async function ask(what: 'live' | 'ready'): Promise<{ status: number; body: Health }> {
    const response = await fetch(`${server.url}/health/${what}`);
    return { status: response.status, body: (await response.json()) as Health };
  }

  /** Resolves with the names of the failed checks. Expects a consistent answer. */
  async function down(): Promise<string[]> {
    const { status, body } = await ask('ready');
    const names = Object.keys(body.error);
    expect([status, body.status]).toEqual(names.length > 0 ? [503, 'error'] : [200, 'ok']);
    expect(body.details).toEqual({ ...body.info, ...body.error });
    for (const { status: word } of Object.values(body.error)) expect(word).toBe('down');
    for (const { status: word } of Object.values(body.info)) expect(word).toBe('up');
    return names;
  }

  it('is ready and lists the checks if all of them pass', async () => {
    await start();
    const { status, body } = await ask('ready');
    const measured = (limit: number) => ({ status: 'up', value: expect.any(Number) as number, limit });
    expect([status, body.status]).toEqual([200, 'ok']);
    expect(body.details).toEqual({
      backplane: { status: 'up' },
      eventLoopDelayMs: measured(1000),
      rssBytes: measured(4096 * MIB),
      draining: { status: 'up' },
    });
    expect(body.details.rssBytes.value).toBeGreaterThan(10 * MIB);
  });

  it('needs no token and forbids caching', async () => {
    await start();
    for (const what of ['live', 'ready']) {
      const response = await fetch(`${server.url}/health/${what}`);
      await response.text();
      expect([what, response.status]).toEqual([what, 200]);
      expect(response.headers.get('cache-control')).toContain('no-store');
    }
  });

  it('is live but not ready while the node drains', async () => {
    await start();
    const ann = await ConnectorClient.connect(server.wsUrl);
    expect((await server.api.post(['nodes', 'node-1', 'drain'])).status).toBe(202);
    expect(await down()).toEqual(['draining']);
    expect((await ask('live')).status).toBe(200);
    expect((await ann.closed).code).toBe(1012);
    expect(await upgradeStatus(server.url)).toBe(503);
    expect(await down()).toEqual(['draining']);
  });

  it('is live but not ready while its memory exceeds the limit', async () => {
    await start({ maxRssBytes: 64 * MIB });
    expect(await down()).toEqual(['rssBytes']);
    const { rssBytes } = (await ask('ready')).body.error;
    expect(rssBytes.limit).toBe(64 * MIB);
    expect(rssBytes.value).toBeGreaterThan(64 * MIB);
    expect((await ask('live')).status).toBe(200);
  });

  it(
    'is not ready after the event loop was blocked for too long, and recovers',
    async () => {
      const maxEventLoopDelayMs = 200;
      await start({ maxEventLoopDelayMs });
      await until(async () => {
        block(2 * maxEventLoopDelayMs);
        return (await ask('ready')).status === 503;
      });
      expect((await ask('live')).status).toBe(200);
      await until(async () => (await down()).length === 0, RECOVERY_MS);
    },
    2 * RECOVERY_MS,
  );

  it('is ready as soon as it listens, even with a strict event-loop limit', async () => {
    await start({ maxEventLoopDelayMs: 15 });
    await until(async () => (await ask('ready')).status === 200, RECOVERY_MS);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('the backplane is gone'))],
    [
      'throws synchronously',
      () => {
        throw new Error('the backplane is gone');
      },
    ],
  ])('is live but not ready while the backplane %s, and recovers', async (_, count) => {
    await start();
    const spy = jest.spyOn(server.app.get(ClientDirectory, { strict: false }), 'count');
    spy.mockImplementation(count);
    expect(await down()).toEqual(['backplane']);
    const text = await (await fetch(`${server.url}/health/ready`)).text();
    expect(text).not.toContain('stack');
    expect((await ask('live')).status).toBe(200);
    spy.mockRestore();
    expect(await down()).toEqual([]);
  });

  it('reports all failed checks together', async () => {
    await start({ maxRssBytes: 64 * MIB });
    const directory = server.app.get(ClientDirectory, { strict: false });
    jest.spyOn(directory, 'count').mockRejectedValue(new Error('the backplane is gone'));
    await server.api.post(['nodes', 'node-1', 'drain']);
    expect((await down()).sort()).toEqual(['backplane', 'draining', 'rssBytes']);
  });

  it('is not ready if the backplane does not answer', async () => {
    await start();
    const directory = server.app.get(ClientDirectory, { strict: false });
    jest.spyOn(directory, 'count').mockReturnValue(new Promise<number>(() => undefined));
    expect(await down()).toEqual(['backplane']);
  });
});

/** Blocks the event loop. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
