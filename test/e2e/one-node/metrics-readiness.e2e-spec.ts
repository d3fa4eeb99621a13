import { readFileSync } from 'node:fs';
import type { Config } from '../../../src/config/config.js';
import { type AdminServer, startAdminServer } from '../../support/admin-api.js';
import { becomes } from '../../support/becomes.js';
import { Metrics } from '../../support/prometheus-text.js';
import { RedisServer } from '../../support/redis-server.js';

const MIB = 1024 * 1024;
const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

let server: AdminServer;

async function start(options: Partial<Config> = {}): Promise<void> {
  server = await startAdminServer(options);
}

afterAll(() => RedisServer.killAll());

const read = (): Promise<Metrics> => Metrics.of(server.url);

/** Resolves with `signalbox_ready` and the names of the failed checks. Expects the answer of `/health/ready`. */
async function readiness(): Promise<{ ready: number | undefined; down: string[] }> {
  const metrics = await read();
  const down = metrics.all('signalbox_ready_check').filter(({ value }) => value === 0);
  return { ready: metrics.value('signalbox_ready'), down: down.map(({ labels }) => labels.check) };
}

describe('signalbox_ready', () => {
  it('is 1 while all checks of /health/ready pass', async () => {
    await start();
    const { details } = (await (await fetch(`${server.url}/health/ready`)).json()) as { details: object };
    const metrics = await read();
    expect(metrics.value('signalbox_ready')).toBe(1);
    expect([...metrics.labelsOf('signalbox_ready_check', 'check')]).toEqual(Object.keys(details));
    expect(metrics.sum('signalbox_ready_check')).toBe(Object.keys(details).length);
  });

  it('is 0 while the node drains', async () => {
    await start();
    await server.api.post(['nodes', 'node-1', 'drain']);
    expect(await readiness()).toEqual({ ready: 0, down: ['draining'] });
  });

  it('is 0 while the memory exceeds the limit, which is a metric too', async () => {
    await start({ maxRssBytes: 64 * MIB });
    expect(await readiness()).toEqual({ ready: 0, down: ['rssBytes'] });
    expect((await read()).value('signalbox_rss_limit_bytes')).toBe(64 * MIB);
  });

  it('is 0 while Redis is away, and metrics that need Redis have no value', async () => {
    const redis = await RedisServer.start();
    await start({ redis: redis.url });
    expect(await readiness()).toEqual({ ready: 1, down: [] });
    await redis.kill();
    await becomes(readiness, { ready: 0, down: ['backplane'] });
    const during = await read();
    expect([...during.all('signalbox_rooms'), ...during.all('signalbox_waiting_signals')]).toEqual([]);
    expect(during.value('signalbox_connections')).toBe(0);
    await redis.restart();
    await becomes(readiness, { ready: 1, down: [] });
    expect((await read()).value('signalbox_rooms')).toBe(0);
  });
});

describe('signalbox_build_info', () => {
  it('has the version of the package and the name of the node', async () => {
    await start();
    expect((await read()).value('signalbox_build_info', { version, node: 'node-1' })).toBe(1);
  });
});
