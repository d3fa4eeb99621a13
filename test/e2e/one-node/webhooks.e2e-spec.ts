import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Config } from '../../../src/config/config.js';
import { type AdminServer, problem, startAdminServer } from '../../support/admin-api.js';
import { becomes } from '../../support/becomes.js';
import { WEBHOOK_SECRET, WebhookReceiver } from '../../support/webhook-receiver.js';

type Endpoint = Config['webhooks'][number];

interface Detail {
  readonly waiting: number;
  readonly state: string;
  readonly lastSuccess?: string;
  readonly lastError?: { readonly problem: string };
}

let receiver: WebhookReceiver;

beforeEach(async () => {
  receiver = await WebhookReceiver.start();
});

const start = (endpoint: Endpoint = {}, options: Partial<Config> = {}): Promise<AdminServer> =>
  startAdminServer({
    webhooks: [
      { url: receiver.url, secret: WEBHOOK_SECRET, events: ['client.connected', 'client.disconnected'], ...endpoint },
    ],
    ...options,
  });

async function detailOf({ api }: AdminServer): Promise<Detail | undefined> {
  const { body } = await api.get<{ items: Detail[] }>('webhooks');
  return body.items[0];
}

/** Connects a client of PeerJS, and disconnects it again. */
async function visit({ wsUrl }: AdminServer, id: string): Promise<void> {
  const socket = new WebSocket(`${wsUrl}/peerjs?key=peerjs&id=${id}&token=token-of-${id}`);
  await once(socket, 'message');
  socket.close();
  await once(socket, 'close');
}

describe('webhooks', () => {
  it('get signed events in order', async () => {
    const server = await start();
    await visit(server, 'a');
    await visit(server, 'b');
    const wanted = ['a', 'b'].flatMap((id) => [`client.connected ${id}`, `client.disconnected ${id}`]);
    await becomes(() => receiver.clients, wanted);
    for (const { id, type, data } of receiver.accepted)
      expect(data).toMatchObject({ id, type, realm: 'default', node: 'node-1' });
    expect(await detailOf(server)).toMatchObject({ n: 0, state: 'delivering', waiting: 0, dropped: 0 });
  });

  it('repeat a request that fails, with its id, and let others wait behind it', async () => {
    const server = await start();
    receiver.answer = (response) => response.writeHead(500).end('secret of the receiver');
    await visit(server, 'a');
    await becomes(async () => (await detailOf(server))?.lastError?.problem, 'status 500');
    expect(await detailOf(server)).toMatchObject({ state: 'failing', waiting: 2 });
    receiver.answer = (response) => response.writeHead(204).end();
    await becomes(() => receiver.clients, ['client.connected a', 'client.disconnected a']);
    await becomes(async () => (await detailOf(server))?.state, 'delivering');
  });

  it('do not follow redirects', async () => {
    const server = await start();
    const elsewhere = await WebhookReceiver.start();
    receiver.answer = (response) => response.writeHead(307, { location: elsewhere.url }).end();
    await visit(server, 'a');
    await becomes(async () => (await detailOf(server))?.lastError?.problem, 'status 307');
    expect(elsewhere.requests).toBe(0);
  });

  it('end with 410', async () => {
    const server = await start();
    receiver.answer = (response) => response.writeHead(410).end();
    await visit(server, 'a');
    await becomes(async () => (await detailOf(server))?.state, 'ended');
    await visit(server, 'b');
    expect(receiver.requests).toBe(1);
    expect(await detailOf(server)).toMatchObject({ waiting: 0 });
  });

  it('repeat a request whose connection is closed', async () => {
    const server = await start();
    receiver.answer = (response) => response.destroy();
    await visit(server, 'a');
    await becomes(async () => (await detailOf(server))?.lastError?.problem, 'ECONNRESET');
    receiver.answer = (response) => response.writeHead(204).end();
    await becomes(() => receiver.clients, ['client.connected a', 'client.disconnected a']);
  });

  it('have lists of events with batch', async () => {
    const server = await start({ batch: 10 });
    receiver.answer = (response) => response.writeHead(503).end();
    for (const id of ['a', 'b', 'c']) await visit(server, id);
    await becomes(async () => (await detailOf(server))?.waiting, 6);
    receiver.answer = (response) => response.writeHead(204).end();
    await becomes(() => receiver.clients.length, 6);
    for (const { type, data } of receiver.accepted) expect([type, Array.isArray(data)]).toEqual(['batch', true]);
    expect(receiver.accepted.length).toBeLessThan(6);
  });

  it('hear nothing of a client that is back within leaveGraceMs, and later of one that is not', async () => {
    const server = await start({ leaveGraceMs: 700 });
    await visit(server, 'a');
    await visit(server, 'a');
    await becomes(() => receiver.clients, ['client.connected a']);
    await becomes(() => receiver.clients, ['client.connected a', 'client.disconnected a']);
  });

  it('get only events of their realms', async () => {
    const server = await start({ realms: ['elsewhere'] });
    await visit(server, 'a');
    await becomes(async () => (await detailOf(server))?.waiting, 0);
    expect(receiver.requests).toBe(0);
  });

  it('are refused for private addresses, if so configured', async () => {
    const server = await start({}, { webhookAllowPrivate: false });
    await visit(server, 'a');
    await becomes(async () => (await detailOf(server))?.lastError?.problem, 'private address');
    expect(receiver.requests).toBe(0);
  });

  it('can be tried, and get an event again', async () => {
    const server = await start();
    const { api, reader } = server;
    await visit(server, 'a');
    await becomes(() => receiver.accepted.length, 2);
    expect((await api.post('webhooks/0/test')).body).toMatchObject({ delivered: true, status: 204 });
    expect(receiver.accepted.at(-1)).toMatchObject({ type: 'webhook.test', data: { node: 'node-1' } });
    const [first] = receiver.accepted;
    expect((await api.post('webhooks/0/replay', { event: first?.id })).body).toMatchObject({ delivered: true });
    expect(receiver.accepted.at(-1)).toEqual(first);
    expect(await api.post('webhooks/1/test')).toMatchObject(problem('not-found'));
    expect(await api.post('webhooks/0/replay', { event: 'none' })).toMatchObject(problem('not-found'));
    expect(await reader.post('webhooks/0/test')).toMatchObject(problem('forbidden'));
  });

  it('show no secret in the admin API and in metrics', async () => {
    const server = await start();
    await visit(server, 'a');
    await becomes(() => receiver.accepted.length, 2);
    const list = JSON.stringify((await server.api.get('webhooks')).body);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('signalbox_webhook_delivered_events_total{webhook="0"} 2');
    for (const text of [list, metrics]) expect(text).not.toMatch(/whsec_|MfKQ9r8|hidden-in-a-query/);
  });
});
