import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { WebSocket } from 'ws';
import type { Config } from '../../../src/config/config.js';
import { ServerEvents } from '../../../src/events/server-events.js';
import { type AdminServer, problem, startAdminServer } from '../../support/admin-api.js';
import { becomes } from '../../support/becomes.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { WEBHOOK_SECRET, WebhookReceiver } from '../../support/webhook-receiver.js';

type Endpoint = Config['webhooks'][number];

const HOUR_MS = 3_600_000;

/** Far more than the server reads of an answer. */
const MAX_ANSWER = 50_000_000;
const CHUNK = Buffer.alloc(16_384);

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

  it.each<[string, (response: ServerResponse) => unknown, string]>([
    ['is no HTTP', ({ socket }) => socket?.end('nonsense\r\n\r\n'), 'HPE_INVALID_CONSTANT'],
    [
      'has endless headers',
      ({ socket }) => socket?.end(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(40_000)}`),
      'HPE_HEADER_OVERFLOW',
    ],
    ['is informational only', ({ socket }) => socket?.end('HTTP/1.1 103 Early Hints\r\n\r\n'), 'ECONNRESET'],
    ['is no success', (response) => response.writeHead(304).end(), 'status 304'],
  ])('repeat a request whose answer %s', async (_, answer, problem) => {
    const server = await start();
    receiver.answer = answer;
    await visit(server, 'a');
    await becomes(async () => (await detailOf(server))?.lastError?.problem, problem);
    expect(receiver.accepted).toEqual([]);
    receiver.answer = (response) => response.writeHead(204).end();
    await becomes(() => receiver.clients, ['client.connected a', 'client.disconnected a']);
  });

  it('read no more than a bound of an endless answer', async () => {
    const server = await start();
    let written = 0;
    receiver.answer = (response) => {
      response.writeHead(200);
      const write = (): void => {
        while (!response.destroyed && written < MAX_ANSWER) {
          written += CHUNK.length;
          if (!response.write(CHUNK)) return void response.once('drain', write);
        }
      };
      write();
    };
    await visit(server, 'a');
    await becomes(async () => (await detailOf(server))?.waiting, 0);
    expect(await detailOf(server)).toMatchObject({ state: 'delivering' });
    expect(receiver.requests).toBe(2);
    expect(written).toBeLessThan(MAX_ANSWER);
  });

  it('do not wait for one another', async () => {
    const failing = await WebhookReceiver.start();
    failing.answer = (response) => response.writeHead(500).end();
    const [one, two] = [failing, receiver].map(({ url }) => ({ url, secret: WEBHOOK_SECRET }));
    const server = await startAdminServer({ webhooks: [one, two] });
    await visit(server, 'a');
    await becomes(() => receiver.clients, ['client.connected a', 'client.disconnected a']);
    expect(failing.accepted).toEqual([]);
    const { body } = await server.api.get<{ items: Detail[] }>('webhooks');
    expect(body.items).toMatchObject([
      { n: 0, state: 'failing' },
      { n: 1, state: 'delivering', waiting: 0 },
    ]);
  });

  it('get signals only by name, without their payload', async () => {
    const all = await WebhookReceiver.start();
    const webhooks: Config['webhooks'] = [
      { url: receiver.url, secret: WEBHOOK_SECRET, events: ['signal.relayed'] },
      { url: all.url, secret: WEBHOOK_SECRET },
    ];
    const server = await startAdminServer({ webhooks });
    const [ann, bob] = await ConnectorClient.connectMany(2, server.wsUrl);
    ann.send({ event: 'Offer', to: bob.id, data: 'a payload' });
    await bob.next('Offer');
    await becomes(() => receiver.events.length, 1);
    expect(receiver.events[0]).toMatchObject({ type: 'signal.relayed', from: ann.id, to: bob.id, realm: 'default' });
    expect(JSON.stringify(receiver.events)).not.toContain('a payload');
    await ann.close();
    await becomes(() => all.events.some(({ type }) => type === 'client.disconnected'), true);
    expect(all.events.map(({ type }) => type)).toEqual([
      'node.joined',
      'client.connected',
      'client.connected',
      'client.disconnected',
    ]);
  });

  it('are signed with each secret of a list, and of files', async () => {
    const secrets = ['whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD', 'a secret of enough characters', WEBHOOK_SECRET];
    const file = join(await mkdtemp(join(tmpdir(), 'webhook-')), 'secret');
    await writeFile(file, `${secrets[2]}\n`);
    const server = await start({ secret: secrets.slice(0, 2), secretFile: [file] });
    const bodies: { raw: string; headers: Record<string, string> }[] = [];
    receiver.backend.answer = (request, response) => {
      void text(request).then((raw) => {
        bodies.push({ raw, headers: request.headers as Record<string, string> });
        response.end();
      });
    };
    await visit(server, 'a');
    await becomes(() => bodies.length, 2);
    for (const { raw, headers } of bodies) {
      const keys = secrets.map((secret) =>
        secret.startsWith('whsec_') ? secret : Buffer.from(secret).toString('base64'),
      );
      for (const key of keys) expect(new Webhook(key).verify(raw, headers)).toEqual(JSON.parse(raw));
      const other = new Webhook('whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
      expect(() => other.verify(raw, headers)).toThrow();
    }
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

  it('drop events that are older than 24 h, and count them', async () => {
    const server = await start({ events: ['client.connected'] });
    receiver.answer = (response) => response.writeHead(503).end();
    const events = server.app.get(ServerEvents, { strict: false });
    for (const [client, hours] of [
      ['old', 24.01],
      ['young', 23.99],
    ] as const) {
      const place = { realm: 'default', protocol: 'peerjs', address: '203.0.113.9' } as const;
      const stamp = { at: new Date(Date.now() - hours * HOUR_MS).toISOString() };
      events.emit({ type: 'client.connected', client, session: client, ...place, ...stamp });
    }
    receiver.answer = (response) => response.writeHead(204).end();
    await becomes(() => receiver.clients, ['client.connected young']);
    expect(await detailOf(server)).toMatchObject({ waiting: 0, dropped: 1 });
  });

  it('get only events of their realms', async () => {
    const server = await start({ realms: ['elsewhere'] });
    await visit(server, 'a');
    await becomes(async () => (await detailOf(server))?.waiting, 0);
    expect(receiver.requests).toBe(0);
  });

  it.each(['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '0x7f000001'])(
    'do not go to %s, if so configured',
    async (host) => {
      const url = receiver.url.replace('127.0.0.1', host);
      const server = await start({ url }, { webhookAllowPrivate: false });
      await visit(server, 'a');
      await becomes(async () => (await detailOf(server))?.lastError?.problem, 'private address');
      expect(receiver.requests).toBe(0);
    },
  );

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
