import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import { Log } from '../../../src/logging/log.js';
import { becomes } from '../../support/becomes.js';
import { ConnectorClient, errorOf } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { startServer, type TestServer } from '../../support/server.js';
import { atTeardown } from '../../support/teardown.js';

const KEY = 'the-key-of-the-provider';
const STUN = { urls: 'stun:own.example' };
const TURN = { urls: ['turn:hosted.example'], username: 'u', credential: 'c' };

interface Asked {
  readonly method?: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

interface Provider {
  readonly url: string;
  readonly asked: readonly Asked[];
  answer: RequestListener;
}

const answering =
  (text: string, status = 200): RequestListener =>
  (_, response) =>
    void response.writeHead(status).end(text);

/** A hosted TURN service. */
async function startProvider(answer: RequestListener = answering(JSON.stringify([TURN]))): Promise<Provider> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (text: Buffer) => (body += text.toString()));
    request.on('end', () => {
      asked.push({ method: request.method, headers: request.headers, body });
      provider.answer(request, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atTeardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const provider: Provider = { url: `http://127.0.0.1:${port}/?apiKey=${KEY}`, asked, answer };
  return provider;
}

function startWith({ url }: Provider, http: object = {}): Promise<TestServer> {
  return startServer({ ice: { servers: [STUN], http: { url, ...http } } });
}

const statusOf = async ({ url }: TestServer): Promise<number> => (await fetch(`${url}/ice-servers`)).status;

describe('ICE servers of a hosted service', () => {
  it('come after the static ones', async () => {
    const server = await startWith(await startProvider(), { ttlS: 600 });
    expect(await (await fetch(`${server.url}/ice-servers`)).json()).toEqual({ iceServers: [STUN, TURN], ttl: 600 });
  });

  it.each([
    [{}, { method: 'GET', body: '' }],
    [{ body: '' }, { method: 'POST', body: '' }],
    [{ body: 'ttl=60' }, { method: 'POST', body: 'ttl=60' }],
    [{ body: { ttl: 60 } }, { method: 'POST', body: '{"ttl":60}' }],
  ])('are asked for with the options %j', async (options, request) => {
    const provider = await startProvider();
    const server = await startWith(provider, { ...options, headers: { Authorization: `Bearer ${KEY}` } });
    expect(await statusOf(server)).toBe(200);
    const type = request.body.startsWith('{') ? { 'content-type': 'application/json' } : {};
    const headers = expect.objectContaining({ authorization: `Bearer ${KEY}`, ...type }) as object;
    expect(provider.asked).toEqual([{ ...request, headers }]);
  });

  it('are asked for once for many clients', async () => {
    const provider = await startProvider();
    const server = await startWith(provider);
    const statuses = await Promise.all(Array.from({ length: 50 }, () => statusOf(server)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(await statusOf(server)).toBe(200);
    expect(provider.asked).toHaveLength(1);
  });

  it.each<[string, RequestListener]>([
    ['an error', answering('{}', 500)],
    ['a redirect', (_, response) => void response.writeHead(302, { Location: 'http://127.0.0.1:9/' }).end()],
    ['no JSON', answering('<html>')],
    ['no servers', answering('{"iceServers":"none"}')],
    ['too much', answering(JSON.stringify([{ ...TURN, more: 'x'.repeat(70_000) }]))],
    ['nothing', () => undefined],
    ['half of an answer', (_, response) => void response.write('[')],
    ['a broken connection', (request) => void request.socket.destroy()],
  ])('are unavailable if it answers with %s, and the log says so without the key', async (_, answer) => {
    const provider = await startProvider(answer);
    const server = await startWith(provider);
    const warn = jest.spyOn(server.app.get(Log).logger, 'warn').mockReturnValue();
    const client = await ConnectorClient.connect(server.wsUrl);
    expect(await client.ask({ event: 'Ice_Config' })).toEqual(
      errorOf('Unavailable', 'The service is not available at the moment.'),
    );
    expect(await statusOf(server)).toBe(503);
    const easyrtc = await EasyRtcClient.login(server.url);
    expect(easyrtc.token.iceConfig).toEqual({ iceServers: [STUN] });
    const fault = [{ realm: expect.any(String) as string, reason: expect.any(String) as string }, expect.any(String)];
    expect(warn.mock.calls).toContainEqual(fault);
    expect(JSON.stringify(warn.mock.calls)).not.toContain(KEY);

    provider.answer = answering(JSON.stringify([TURN]));
    await becomes(() => statusOf(server), 200);
  });

  it('stay in use while the service is away', async () => {
    const provider = await startProvider();
    const server = await startWith(provider, { ttlS: 60 });
    expect(await statusOf(server)).toBe(200);
    provider.answer = answering('', 503);
    const now = performance.now.bind(performance);
    let passedMs = 40_000;
    jest.spyOn(performance, 'now').mockImplementation(() => now() + passedMs);
    atTeardown(() => jest.restoreAllMocks());
    const { ttl } = (await (await fetch(`${server.url}/ice-servers`)).json()) as { ttl: number };
    expect(provider.asked).toHaveLength(2);
    expect(ttl).toBeLessThanOrEqual(20);
    passedMs = 61_000;
    expect(await statusOf(server)).toBe(503);
  });
});
