import { jest } from '@jest/globals';
import { ClientDirectory } from '../../../src/clients/client-directory.js';
import { DomainError } from '../../../src/common/domain-error.js';
import type { Config } from '../../../src/config/config.js';
import { Admission } from '../../../src/transport/http/admission.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { upgradeStatus } from '../../support/peerjs-socket.js';
import { startServer } from '../../support/server.js';

const A = 'https://a.example';
const B = 'https://b.example';

interface Answer {
  readonly status: number;
  readonly allowed: string | null;
  readonly credentials: string | null;
  readonly vary: string | null;
}

/** Sends a request as a page of an origin would, or the preflight of a browser if the method is OPTIONS. */
async function ask(url: string, method = 'GET', origin = A, headers: Record<string, string> = {}): Promise<Answer> {
  const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-own' };
  const response = await fetch(url, {
    method,
    headers: { origin, ...(method === 'OPTIONS' ? preflight : {}), ...headers },
  });
  await response.text();
  return {
    status: response.status,
    allowed: response.headers.get('access-control-allow-origin'),
    credentials: response.headers.get('access-control-allow-credentials'),
    vary: response.headers.get('vary'),
  };
}

const readable = (status: number, origin = A, credentials: string | null = null): Answer => ({
  status,
  allowed: origin,
  credentials,
  vary: expect.stringMatching(/^Origin\b/) as string,
});

const unreadable = (status: number): Answer => ({ ...readable(status), allowed: null });

describe('below the mount path of PeerJS', () => {
  const REQUESTS: [string, string, number][] = [
    ['GET', '', 200],
    ['GET', '/peerjs/id', 200],
    ['HEAD', '/peerjs/id', 200],
    ['GET', '/peerjs/peers', 401],
    ['GET', '/wrong/id', 401],
    ['GET', '/wrong/peers', 401],
    ['GET', '/peerjs', 404],
    ['GET', '/peerjs/nothing', 404],
    ['GET', '/peerjs/id/more', 404],
    ['POST', '/peerjs/id', 404],
    // Clients 0.3.x request these besides their WebSocket, and give up if they cannot read the answer.
    ['POST', '/peerjs/alice/token/id?i=0', 404],
    ['POST', '/wrong/alice/token/id?i=0', 404],
    ['POST', '/peerjs/alice/token/offer', 404],
    ['POST', '/wrong/alice/token/candidate', 404],
    ['POST', '/wrong/alice/token/leave', 404],
    ['OPTIONS', '/peerjs/id', 204],
    ['OPTIONS', '/peerjs/alice/token/id?i=0', 204],
    ['OPTIONS', '/peerjs/nothing', 204],
  ];

  it.each(['', '/myapp'])('%j, answers are readable from any origin without a list', async (mount) => {
    const server = await startServer({ path: mount });
    for (const [method, end, status] of REQUESTS) {
      const url = server.url + mount + end;
      expect([method, end, await ask(url, method)]).toEqual([method, end, readable(status)]);
      expect([method, end, await ask(url, method, 'null')]).toEqual([method, end, readable(status, 'null')]);
    }
  });

  it.each(['', '/myapp'])('%j, no answer is readable from an origin that is not in the list', async (mount) => {
    const server = await startServer({ path: mount, cors: [A] });
    for (const [method, end, status] of REQUESTS) {
      const url = server.url + mount + end;
      expect([method, end, await ask(url, method)]).toEqual([method, end, readable(status)]);
      expect([method, end, await ask(url, method, B)]).toEqual([method, end, unreadable(status)]);
    }
  });

  it('answers are readable, but not those outside it', async () => {
    const server = await startServer({ path: '/myapp' });
    for (const path of ['/myapp/nothing/at/all', '/MYAPP/peerjs/id', '/myapp/%E0%A4%A']) {
      expect([path, (await ask(server.url + path)).allowed]).toEqual([path, A]);
    }
    for (const path of ['/peerjs/id', '/myapplication', '/nothing', '/nothing/id']) {
      expect([path, (await ask(server.url + path)).allowed]).toEqual([path, null]);
    }
  });

  it('thrown errors are readable', async () => {
    const server = await startServer({ allowDiscovery: true });
    for (const [reason, status] of [
      [new DomainError('UNAVAILABLE', {}), 503],
      [new Error('a secret'), 500],
    ] as const) {
      for (const directory of server.everywhere(ClientDirectory)) {
        jest.spyOn(directory, 'find').mockRejectedValue(reason);
        jest.spyOn(directory, 'list').mockRejectedValue(reason);
      }
      for (const path of ['/peerjs/id', '/peerjs/peers']) {
        expect([path, await ask(server.url + path)]).toEqual([path, readable(status)]);
      }
    }
    jest.restoreAllMocks();
    expect(await ask(`${server.url}/peerjs/%E0%A4%A`)).toMatchObject({ allowed: A });
  });
});

it('does not let other origins read paths outside the protocols', async () => {
  const server = await startServer({ adminTokens: ['rudi:read:a-token-that-is-right'] });
  for (const path of ['/admin/v1/stats', '/metrics', '/health/live', '/docs', '/docs-json', '/demo', '/demo/demo.js']) {
    expect([path, (await ask(server.url + path)).allowed]).toEqual([path, null]);
    expect([path, (await ask(server.url + path, 'OPTIONS')).allowed]).toEqual([path, null]);
  }
});

describe('the client libraries', () => {
  it.each([
    ['/socket.io/socket.io.esm.min.js', 200],
    ['/socket.io/socket.io.js', 200],
    ['/socket.io/nothing.js', 404],
    ['/easyrtc/easyrtc.js', 200],
    ['/easyrtc/easyrtc.css', 200],
    ['/easyrtc/nothing.js', 404],
  ])('%s is readable from allowed origins', async (path, status) => {
    const [open, listed] = [await startServer(), await startServer({ cors: [A] })];
    for (const { url } of [open, listed]) {
      expect(await ask(url + path)).toEqual(readable(status, A, 'true'));
      expect(await ask(url + path, 'OPTIONS')).toEqual(readable(204, A, 'true'));
    }
    expect(await ask(open.url + path, 'GET', B)).toEqual(readable(status, B, 'true'));
    expect(await ask(listed.url + path, 'GET', B)).toMatchObject({ status, allowed: null });
  });
});

describe('rejected polling requests are readable from allowed origins', () => {
  const POLL = '/socket.io/?EIO=4&transport=polling';

  it.each<[number, Partial<Config>]>([
    [429, { maxConnectionsPerIp: 1 }],
    [503, { maxConnections: 1 }],
  ])('%i', async (status, limits) => {
    const server = await startServer({ ...limits, cors: [A] });
    await ConnectorClient.connect(server.wsUrl);
    expect(await ask(server.url + POLL)).toEqual(readable(status, A, 'true'));
    expect(await ask(server.url + POLL, 'OPTIONS')).toEqual(readable(204, A, 'true'));
    expect(await ask(server.url + POLL, 'GET', B)).toMatchObject({ status: 403, allowed: null });
  });

  it('503 during shutdown', async () => {
    const server = await startServer();
    for (const admission of server.everywhere(Admission)) admission.drain();
    expect(await ask(server.url + POLL)).toEqual(readable(503, A, 'true'));
  });

  it.each([
    '/socket.io/?EIO=4&transport=nothing',
    '/socket.io/?EIO=4&transport=polling&sid=nobody',
    '/socket.io/?EIO=4',
  ])('400 for %s', async (path) => {
    const server = await startServer({ cors: [A] });
    expect(await ask(server.url + path)).toEqual(readable(400, A, 'true'));
  });

  it('but 403 is not readable from other origins', async () => {
    const server = await startServer({ cors: [A] });
    expect(await ask(server.url + POLL, 'GET', B)).toMatchObject({ status: 403, allowed: null, vary: 'Origin' });
    expect(await ask(server.url + POLL, 'OPTIONS', B)).toMatchObject({ status: 204, allowed: null });
  });
});

describe('one list applies to answers, polling and WebSockets', () => {
  it.each<[string, Partial<Config>, string, boolean, Record<string, string>?]>([
    ['another spelling', { cors: ['https://A.example:443/'] }, A, true],
    ['a subdomain', { cors: ['https://*.example'] }, A, true],
    ['a domain with the same ending', { cors: ['https://*.ample'] }, A, false],
    ['no origin', { cors: [A] }, 'null', false],
    ['no origin, if the list contains null', { cors: [A, 'null'] }, 'null', true],
    ['any', { cors: ['*'] }, B, true],
    ['its own', { cors: [A] }, 'https://signal.example', true, { host: 'signal.example:443' }],
    [
      'its own, as reported by a trusted proxy',
      { cors: [A], proxied: 'loopback' },
      'https://signal.example',
      true,
      { 'x-forwarded-host': 'signal.example' },
    ],
    [
      'its own, as reported by an untrusted peer',
      { cors: [A] },
      'https://signal.example',
      false,
      { 'x-forwarded-host': 'signal.example' },
    ],
  ])('%s', async (_, options, origin, isAllowed, headers = {}) => {
    const server = await startServer(options);
    expect(await upgradeStatus(server.url, '/', { origin, ...headers })).toBe(isAllowed ? 101 : 403);
    // fetch does not allow setting the Host header.
    if ('host' in headers) return;
    const allowed = isAllowed ? origin : null;
    expect(await ask(server.url, 'GET', origin, headers)).toMatchObject({ status: 200, allowed });
    const poll = `${server.url}/socket.io/?EIO=4&transport=polling`;
    expect(await ask(poll, 'GET', origin, headers)).toMatchObject({ status: isAllowed ? 200 : 403, allowed });
  });
});

describe('each realm shares its answers with its own origins', () => {
  const options: Partial<Config> = {
    realms: {
      default: { origins: [B] },
      acme: { peerjsKeys: ['acme-key'], origins: [A] },
      open: { peerjsKeys: ['open-key'], origins: ['*'] },
    },
    allowDiscovery: true,
  };

  it.each([
    ['', '/acme-key/id', true],
    ['', '/acme-key/peers', true],
    ['', '/acme-key/ice-servers', true],
    ['', '/acme-key/alice/token/id?i=0', true],
    ['', '/ice-servers?realm=acme', true],
    ['', '/turn/credentials?service=turn&realm=acme', true],
    ['', '/open-key/peers', true],
    ['', '/peerjs/id', false],
    ['', '/peerjs/peers', false],
    ['', '/peerjs/ice-servers', false],
    ['', '/peerjs/alice/token/id?i=0', false],
    ['', '/ice-servers', false],
    ['', '/ice-servers?realm=', false],
    ['', '/turn/credentials?service=turn', false],
    ['/app', '/app/acme-key/peers', true],
    ['/app', '/app/peerjs/peers', false],
    ['/app', '/app/peerjs/nothing', false],
  ])('mount path %j: %s', async (path, target, isReadable) => {
    const server = await startServer({ ...options, path });
    const allowed = isReadable ? A : null;
    for (const method of ['GET', 'OPTIONS']) {
      expect(await ask(server.url + target, method)).toMatchObject({ allowed, vary: readable(200).vary });
    }
  });
});
