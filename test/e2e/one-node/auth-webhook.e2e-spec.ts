import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { jest } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import type { Given } from '../../../src/config/members.js';
import type { WebhookOptions } from '../../../src/config/sections/auth.options.js';
import { StandardOutput } from '../../../src/logging/standard-output.js';
import { attempt } from '../../support/attempts.js';
import { becomes } from '../../support/becomes.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { Backend, seconds } from '../../support/issuer.js';
import { bearer } from '../../support/secured.js';
import { startServer, type TestServer } from '../../support/server.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const NEW_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const REALM = { protocol: 'peer2peer-connector', realm: 'default', address: '127.0.0.1' };

let backend: Backend;
/** What the backend has received. */
let calls: { body: unknown; raw: string; headers: Record<string, string> }[];
/** Answers of the backend that the test holds back. */
let held: (() => void)[];

beforeEach(async () => {
  calls = [];
  held = [];
  backend = await Backend.start(() => undefined);
  accepts();
});

afterEach(async () => {
  EasyRtcClient.closeAll();
  await ConnectorClient.closeAll();
});

/** Answers with these claims from now on. */
function accepts(claims: object = { sub: 'alice' }): void {
  answers((response) => response.end(JSON.stringify(claims)));
}

function answers(answer: (response: ServerResponse) => void): void {
  backend.answer = (request, response) => void receive(request).then(() => answer(response));
}

async function receive(request: IncomingMessage): Promise<void> {
  const raw = await text(request);
  calls.push({ raw, body: JSON.parse(raw), headers: request.headers as Record<string, string> });
}

const start = (more: Given<WebhookOptions> = {}, auth: { required?: boolean } = {}): Promise<TestServer> =>
  startServer({ auth: { mode: 'webhook', webhook: { url: `${backend.url}/auth`, secret: SECRET, ...more }, ...auth } });

describe('the webhook for authentication', () => {
  it('gets all that is known about the client, signed with each secret', async () => {
    const server = await start({ secret: [SECRET, NEW_SECRET] });
    const about = {
      id: 'a',
      username: 'Alice',
      credential: { token: 't', more: 1 },
      origin: 'https://a.example',
      userAgent: 'test',
    };
    expect(await attempt(server, 't', about)).toEqual({ sub: 'alice' });
    const [{ body, raw, headers } = { body: undefined, raw: '', headers: {} }] = calls;
    expect(body).toEqual({ ...REALM, token: 't', ...about });
    expect(headers).toMatchObject({ 'content-type': 'application/json' });
    for (const secret of [SECRET, NEW_SECRET]) expect(new Webhook(secret).verify(raw, headers)).toEqual(body);
    expect(() => new Webhook('whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA').verify(raw, headers)).toThrow('signature');
  });

  it('gets all that is known about a client that renews its token', async () => {
    const server = await start();
    const headers = { ...bearer('t').headers, origin: server.url, 'user-agent': 'test' };
    const client = await ConnectorClient.connect(server.wsUrl, { headers });
    await client.ask({ event: 'Authenticate', data: { token: 'u' } });
    const page = { origin: server.url, userAgent: 'test' };
    expect(calls.at(-1)?.body).toEqual({ ...REALM, id: client.id, token: 'u', ...page });
    const caller = await EasyRtcClient.connect(server.url);
    await caller.login({ applicationName: 'default', credential: { token: 't' } });
    await caller.login({ applicationName: 'default', credential: { token: 'u' } });
    expect(calls.at(-1)?.body).toMatchObject({ protocol: 'easyrtc', id: caller.id, token: 'u' });
  });

  it('gets no signature without a secret, and the server warns of that once', async () => {
    const lines: string[] = [];
    jest.spyOn(StandardOutput.prototype, 'write').mockImplementation((line) => void lines.push(line));
    const auth = { mode: 'webhook', webhook: { url: `${backend.url}/auth` } } as const;
    const server = await startServer({ auth, logLevel: 'warn' });
    expect(await attempt(server, 't')).toEqual({ sub: 'alice' });
    jest.restoreAllMocks();
    const names = Object.keys(calls[0]?.headers ?? {});
    expect(names).toContain('content-type');
    expect(names.filter((name) => name.startsWith('webhook-'))).toEqual([]);
    const warnings = lines.filter((line) => line.includes('not signed'));
    expect(warnings).toHaveLength(1);
    expect(JSON.parse(warnings[0] ?? '')).toMatchObject({ level: 40, realms: ['default'] });
  });

  it('lets in with the claims of its answer', async () => {
    const exp = seconds(60);
    const signalbox = { id: 'alice-1', rooms: { join: ['team-*'] }, signal: 'rooms' };
    accepts({ sub: 'alice', exp, signalbox });
    expect(await attempt(await start(), 't')).toEqual({ sub: 'alice', expiresAt: exp * 1000, ...signalbox });
  });

  it('lets in without claims', async () => {
    accepts({});
    expect(await attempt(await start(), 't')).toEqual({});
  });

  it.each([401, 403])('refuses with the status %d', async (status) => {
    answers((response) => response.writeHead(status).end('the token t is bad'));
    expect(await attempt(await start(), 't')).toBe('webhook');
  });

  it('refuses with claims that have expired, and with those of another realm', async () => {
    const server = await start();
    accepts({ exp: seconds(-1) });
    expect(await attempt(server, 'old')).toBe('expired');
    accepts({ signalbox: { realm: 'other' } });
    expect(await attempt(server, 'other')).toBe('realm');
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['500', (response) => response.writeHead(500).end()],
    ['404', (response) => response.writeHead(404).end('{}')],
    ['201', (response) => response.writeHead(201).end('{}')],
    ['204', (response) => response.writeHead(204).end()],
    ['a redirect', (response) => response.writeHead(302, { location: '/good' }).end('{}')],
    ['a permanent redirect', (response) => response.writeHead(308, { location: '/good' }).end('{}')],
    ['no JSON', (response) => response.end('welcome')],
    ['nothing', (response) => response.end()],
    ['null', (response) => response.end('null')],
    ['a list', (response) => response.end('[]')],
    ['text as exp', (response) => response.end('{"exp":"never"}')],
    ['an invalid claim', (response) => response.end('{"signalbox":{"signal":"all"}}')],
    ['too much', (response) => response.end(`{"sub":"alice"${' '.repeat(70_000)}}`)],
    ['a closed connection', (response) => response.destroy()],
    [
      'half an answer',
      (response) => (response.writeHead(200, { 'content-length': 50 }).write('{}'), response.destroy()),
    ],
  ])('is no way in with the answer %s', async (_, answer) => {
    answers(answer);
    expect(await attempt(await start(), 't')).toBe('UNAVAILABLE');
    expect(calls.length).toBe(1);
  });

  it('is no way in without an answer in time, or with a late one', async () => {
    const server = await start({ timeoutMs: 300 });
    backend.hangs();
    expect(await attempt(server, 't')).toBe('UNAVAILABLE');
    answers((response) => {
      response.writeHead(200).write('{');
      held.push(() => response.end('"sub":"alice"}'));
    });
    expect(await attempt(server, 'late')).toBe('UNAVAILABLE');
    for (const release of held) release();
    accepts();
    expect(await attempt(server, 'late')).toEqual({ sub: 'alice' });
  });

  it('is no way in while nothing listens at its URL', async () => {
    const server = await start({ url: 'http://127.0.0.1:1/' });
    expect(await attempt(server, 't')).toBe('UNAVAILABLE');
  });

  it('is asked once for a thousand connections with one token', async () => {
    answers((response) => held.push(() => response.end('{"sub":"alice"}')));
    const server = await start();
    const outcomes = Array.from({ length: 1000 }, () => attempt(server, 't'));
    await becomes(() => held.length, 1);
    held[0]?.();
    expect(await Promise.all(outcomes)).toEqual(Array(1000).fill({ sub: 'alice' }));
    expect(calls).toHaveLength(1);
  });

  it('is asked apart for other tokens, and for another name of an EasyRTC client', async () => {
    const server = await start({ cacheS: 60 });
    await Promise.all([attempt(server, 't'), attempt(server, 'u'), attempt(server, 't', { username: 'Bob' })]);
    expect(calls).toHaveLength(3);
  });

  it('is asked each time without a cache', async () => {
    const server = await start();
    for (let at = 0; at < 3; at++) await attempt(server, 't');
    expect(calls).toHaveLength(3);
  });

  it('is not asked again while its answer is cached, good or bad', async () => {
    const server = await start({ cacheS: 60 });
    for (let at = 0; at < 3; at++) expect(await attempt(server, 't')).toEqual({ sub: 'alice' });
    answers((response) => response.writeHead(403).end());
    for (let at = 0; at < 3; at++) expect(await attempt(server, 'bad')).toBe('webhook');
    expect(calls).toHaveLength(2);
    answers((response) => response.writeHead(500).end());
    for (let at = 0; at < 2; at++) expect(await attempt(server, 'unlucky')).toBe('UNAVAILABLE');
    expect(calls).toHaveLength(4);
  });

  it('refuses with a cached answer whose claims have expired', async () => {
    const server = await start({ cacheS: 60 });
    accepts({ exp: seconds(1) });
    expect(await attempt(server, 't')).toMatchObject({ expiresAt: expect.any(Number) as number });
    await becomes(() => attempt(server, 't'), 'expired');
    expect(calls).toHaveLength(1);
  });

  it('is asked by a limited number of connections at a time; the others wait', async () => {
    answers((response) => held.push(() => response.end('{}')));
    const server = await start({ maxConcurrent: 2, timeoutMs: 10_000 });
    const outcomes = ['a', 'b', 'c', 'd', 'e'].map((token) => attempt(server, token));
    for (let done = 0; done < 5; done++) {
      await becomes(() => held.length, Math.min(done + 2, 5));
      held[done]?.();
    }
    expect(await Promise.all(outcomes)).toEqual(Array(5).fill({}));
  });

  it('is not waited for longer than the time limit in the queue', async () => {
    backend.hangs();
    const server = await start({ maxConcurrent: 1, timeoutMs: 300 });
    const since = performance.now();
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, at) => attempt(server, `t${at}`)));
    expect(outcomes).toEqual(Array(20).fill('UNAVAILABLE'));
    expect(performance.now() - since).toBeLessThan(3000);
    accepts();
    expect(await attempt(server, 't')).toEqual({ sub: 'alice' });
  });

  it('decides about credentials of EasyRTC without a token', async () => {
    const server = await start();
    expect(await attempt(server, undefined, { credential: { password: 'x' } })).toEqual({ sub: 'alice' });
    expect(await attempt(server, undefined)).toBe('missing');
    expect(calls).toHaveLength(1);
  });

  it('is asked about the tokens that the PeerJS library makes up, which may be nobody’s', async () => {
    const server = await start({}, { required: false });
    const peer = { protocol: 'peerjs' };
    expect(await attempt(server, 'abcdefgh12', peer)).toEqual({ sub: 'alice' });
    answers((response) => response.writeHead(403).end());
    for (const token of ['abcdefgh1', 'abcdefgh12345']) expect(await attempt(server, token, peer)).toEqual({});
    for (const token of ['abcdefgh', 'abcdefgh123456', 'ABCDEFGH12', 'abcdefgh-1']) {
      expect(await attempt(server, token, peer)).toBe('webhook');
    }
    expect(await attempt(server, 'abcdefgh12')).toBe('webhook');
    expect(await attempt(await start(), 'abcdefgh12', peer)).toBe('webhook');
    accepts({ exp: seconds(-1) });
    expect(await attempt(server, 'abcdefgh12', peer)).toBe('expired');
    answers((response) => response.writeHead(500).end());
    expect(await attempt(server, 'abcdefgh12', peer)).toBe('UNAVAILABLE');
  });

  it('is not asked about clients without a token that may be nobody', async () => {
    const server = await start({}, { required: false });
    expect(await attempt(server, undefined)).toEqual({});
    expect(calls).toEqual([]);
  });
});
