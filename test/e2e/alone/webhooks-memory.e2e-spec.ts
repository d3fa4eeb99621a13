import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { jest } from '@jest/globals';
import { ServerEvents } from '../../../src/events/server-events.js';
import { Log } from '../../../src/logging/log.js';
import { type AdminServer, startAdminServer } from '../../support/admin-api.js';
import { becomes } from '../../support/becomes.js';
import { WEBHOOK_SECRET, WebhookReceiver } from '../../support/webhook-receiver.js';

const MIB = 1024 * 1024;
const MAX_WAITING = 100_000;
/** Events that are emitted in one turn of the event loop. */
const BURST = 1000;
const PATIENCE_MS = 150_000;

jest.setTimeout(400_000);
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function memoryInUse(): { readonly heap: number; readonly rss: number } {
  collectGarbage();
  collectGarbage();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}

/** The numbers of waiting and of dropped events. */
async function countsOf({ api }: AdminServer): Promise<readonly [waiting: number, dropped: number]> {
  const { body } = await api.get<{ items: { waiting: number; dropped: number }[] }>('webhooks');
  const [{ waiting, dropped }] = body.items;
  return [waiting, dropped];
}

/** Emits what browsers that connect cause. */
async function emit({ app }: AdminServer, from: number, to: number): Promise<void> {
  const events = app.get(ServerEvents, { strict: false });
  const browser = { userAgent: 'Mozilla/5.0 (X11; Linux x86_64)'.padEnd(120, '.'), origin: 'https://app.example' };
  for (let n = from; n < to; n++) {
    const session = String(n).padStart(36, '0');
    const place = { realm: 'default', protocol: 'peerjs', address: '203.0.113.9' } as const;
    events.emit({ type: 'client.connected', client: `client-${n}`, session, ...place, ...browser });
    if (n % BURST === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('webhooks on one node', () => {
  it('queue 100,000 events in bounded memory, drop, count and log the oldest, and deliver the others', async () => {
    const receiver = await WebhookReceiver.start();
    receiver.answer = (response) => response.writeHead(503).end();
    const endpoint = { url: receiver.url, secret: WEBHOOK_SECRET, events: ['client.connected' as const], batch: 1000 };
    const server = await startAdminServer({ webhooks: [endpoint] });
    const errors = jest.spyOn(server.app.get(Log, { strict: false }).logger, 'error');
    const empty = memoryInUse();
    await emit(server, 0, MAX_WAITING);
    await becomes(() => countsOf(server), [MAX_WAITING, 0], PATIENCE_MS);
    const full = memoryInUse();
    expect(errors).not.toHaveBeenCalled();
    await emit(server, MAX_WAITING, 3 * MAX_WAITING);
    await becomes(() => countsOf(server), [MAX_WAITING, 2 * MAX_WAITING], PATIENCE_MS);
    const fuller = memoryInUse();
    expect(full.heap - empty.heap).toBeLessThan(100 * MIB);
    // What is dropped is freed in portions.
    expect(fuller.heap - full.heap).toBeLessThan(20 * MIB);
    expect(fuller.rss - empty.rss).toBeLessThan(400 * MIB);

    const where = { webhook: 0, url: receiver.url.replace(/\?.*/, ''), events: expect.any(Number) as number };
    expect(errors).toHaveBeenCalledWith(where, 'events for a webhook were dropped');
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain(`signalbox_webhook_dropped_events_total{webhook="0"} ${2 * MAX_WAITING}`);
    receiver.answer = (response) => response.writeHead(204).end();
    await becomes(() => countsOf(server), [0, 2 * MAX_WAITING], PATIENCE_MS);
    const clients = receiver.events.map(({ client }) => client);
    expect(clients).toEqual(Array.from({ length: MAX_WAITING }, (_, at) => `client-${2 * MAX_WAITING + at}`));
  });
});
