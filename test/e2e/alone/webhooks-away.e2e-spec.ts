import { once } from 'node:events';
import { jest } from '@jest/globals';
import { WebSocket } from 'ws';
import type { Config } from '../../../src/config/config.js';
import { type AdminServer, startAdminServer } from '../../support/admin-api.js';
import { becomes } from '../../support/becomes.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { WEBHOOK_SECRET, WebhookReceiver } from '../../support/webhook-receiver.js';

const MINUTE_MS = 60_000;
/** Time within which an answer must arrive. */
const LIMIT_MS = 10_000;

interface Detail {
  readonly waiting: number;
  readonly state: string;
  readonly lastError?: { readonly problem: string };
}

jest.setTimeout(4 * MINUTE_MS);

afterEach(() => TcpProxy.stopAll());

const start = (...urls: readonly string[]): Promise<AdminServer> => {
  const webhooks: Config['webhooks'] = urls.map((url) => ({
    url,
    secret: WEBHOOK_SECRET,
    events: ['client.connected', 'client.disconnected'],
  }));
  return startAdminServer({ webhooks });
};

async function detailOf({ api }: AdminServer, n = 0): Promise<Detail> {
  return (await api.get<{ items: Detail[] }>('webhooks')).body.items[n];
}

/** Connects a client of PeerJS, and disconnects it again. */
async function visit({ wsUrl }: AdminServer, id: string): Promise<void> {
  const socket = new WebSocket(`${wsUrl}/peerjs?key=peerjs&id=${id}&token=token-of-${id}`);
  await once(socket, 'message');
  socket.close();
  await once(socket, 'close');
}

const visitsOf = (...ids: readonly string[]) =>
  ids.flatMap((id) => [`client.connected ${id}`, `client.disconnected ${id}`]);

describe('a webhook', () => {
  it('that does not answer within 10 s is tried again, and holds no other one up', async () => {
    const [hanging, other] = [await WebhookReceiver.start(), await WebhookReceiver.start()];
    const server = await start(hanging.url, other.url);
    hanging.answer = () => undefined;
    const startedAt = performance.now();
    await visit(server, 'a');
    await becomes(() => other.clients, visitsOf('a'));
    expect(performance.now() - startedAt).toBeLessThan(LIMIT_MS / 2);
    await becomes(async () => (await detailOf(server)).lastError?.problem, 'timeout');
    expect(performance.now() - startedAt).toBeGreaterThan(LIMIT_MS - 100);
    expect(hanging.requests).toBe(1);
    expect(await detailOf(server)).toMatchObject({ state: 'failing', waiting: 2 });
    hanging.answer = (response) => response.writeHead(204).end();
    await becomes(() => hanging.clients, visitsOf('a'));
  });

  it('that is away for a minute gets what it has missed, in order', async () => {
    const receiver = await WebhookReceiver.start();
    const proxy = await TcpProxy.start(Number(new URL(receiver.url).port));
    const server = await start(`http://127.0.0.1:${proxy.port}/hooks`);
    await visit(server, 'a');
    await becomes(() => receiver.clients, visitsOf('a'));
    proxy.cut('broken');
    for (const id of ['b', 'c', 'd']) await visit(server, id);
    await becomes(async () => (await detailOf(server)).state, 'failing');
    await new Promise((resolve) => setTimeout(resolve, MINUTE_MS));
    await visit(server, 'e');
    expect(await detailOf(server)).toMatchObject({ state: 'failing', waiting: 8 });
    expect(receiver.requests).toBe(2);
    proxy.heal();
    await becomes(() => receiver.clients, visitsOf('a', 'b', 'c', 'd', 'e'), MINUTE_MS);
    await becomes(async () => (await detailOf(server)).state, 'delivering');
  });
});
