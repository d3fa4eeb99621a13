import { once } from 'node:events';
import { jest } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { WebSocket } from 'ws';
import { ClientDirectory } from '../../../src/clients/client-directory.js';
import { DomainError } from '../../../src/common/domain-error.js';
import type { Config } from '../../../src/config/config.js';
import type { Extension } from '../../../src/extensions.module.js';
import { IdGenerator } from '../../../src/protocols/id-generator.js';
import { PeerJsSocket, upgradeStatus } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';

const DOCUMENT =
  '{"name":"PeerJS Server","description":"A server side element to broker connections between PeerJS clients.",' +
  '"website":"https://peerjs.com/"}';
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

const servers: TestServer[] = [];

async function start(options: Partial<Config> = {}, extensions: readonly Extension[] = []): Promise<TestServer> {
  const server = await startServer(options, extensions);
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: string;
}

async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
}

describe('PeerJS over HTTP', () => {
  describe('on the default path', () => {
    let server: TestServer;

    beforeEach(async () => {
      server = await start();
    });

    it.each(['', '/', '/?', '/?ts=1&version=1.5.5'])('serves the document at the root%s', async (path) => {
      expect(await ask(server.url + path)).toEqual({ status: 200, type: JSON_TYPE, body: DOCUMENT });
    });

    it.each(['/peerjs/id', '/peerjs/id/', '/peerjs/id?ts=17&version=1.5.5'])('generates an id at %s', async (path) => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask(server.url + path)));
      for (const answer of answers) {
        expect(answer).toEqual({ status: 200, type: TEXT, body: expect.stringMatching(UUID_V4) as string });
      }
      expect(new Set(answers.map(({ body }) => body)).size).toBe(20);
    });

    it('does not disclose the list of ids', async () => {
      await PeerJsSocket.open(server.wsUrl, 'alice');
      const refused = { status: 401, type: TEXT, body: 'Unauthorized' };
      expect(await ask(`${server.url}/peerjs/peers`)).toEqual(refused);
      expect(await ask(`${server.url}/peerjs/peers/?a=b`)).toEqual(refused);
    });

    it.each([
      '/wrong/id',
      '/wrong/peers',
      '/wrong/id/',
      '/%20/id',
      '/PEERJS/id',
      '/__proto__/id',
      '/constructor/peers',
    ])('checks the key and rejects %s', async (path) => {
      expect(await ask(server.url + path)).toEqual({ status: 401, type: TEXT, body: 'Invalid key provided' });
    });

    it.each([
      ['GET', '/peerjs'],
      ['GET', '/peerjs/'],
      ['GET', '/peerjs/other'],
      ['GET', '/peerjs/id/more'],
      ['GET', '/peerjs/peers/more'],
      ['GET', '/nothing'],
      ['GET', '/a/b/c/d'],
      ['GET', '/%00/other'],
      ['POST', '/'],
      ['POST', '/peerjs/id'],
      ['POST', '/peerjs/a-key/offer'],
      ['DELETE', '/peerjs/peers'],
    ])('answers %s %s with 404', async (method, path) => {
      const answer = await ask(server.url + path, { method });
      expect(answer.status).toBe(404);
      expect(answer.body).not.toMatch(/\n\s+at |node_modules|\.[jt]s:\d/);
    });

    it.each([
      ['/%E0%A4%A', {}],
      ['/%E0%A4%A/id', {}],
      ['/peerjs/id', { method: 'POST', body: '{"a', headers: { 'content-type': 'application/json' } }],
    ])('hides stack traces when it cannot parse %s %j', async (path, init) => {
      const answer = await ask(server.url + path, init);
      expect([400, 404]).toContain(answer.status);
      expect(answer.body).not.toMatch(/\n\s+at |node_modules|\.[jt]s:\d/);
    });

    it.each(['/', '/peerjs/id', '/peerjs/peers', '/wrong/id'])('answers HEAD %s as GET', async (path) => {
      const get = await ask(server.url + path);
      const head = await fetch(server.url + path, { method: 'HEAD' });
      expect(head.status).toBe(get.status);
      expect(head.headers.get('content-type')).toBe(get.type);
      expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(get.body)));
      expect(await head.text()).toBe('');
    });

    it('answers HEAD for an unknown path with 404', async () => {
      expect((await fetch(`${server.url}/nothing`, { method: 'HEAD' })).status).toBe(404);
    });

    it('does not send X-Powered-By', async () => {
      expect((await fetch(server.url)).headers.has('x-powered-by')).toBe(false);
    });
  });

  describe('discovery', () => {
    const peersOf = async (server: TestServer, key = 'peerjs'): Promise<unknown> =>
      (await fetch(`${server.url}/${key}/peers`)).json();

    it('lists ids in connection order', async () => {
      const server = await start({ allowDiscovery: true });
      expect(await ask(`${server.url}/peerjs/peers`)).toEqual({ status: 200, type: JSON_TYPE, body: '[]' });
      await PeerJsSocket.open(server.wsUrl, 'charly');
      const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
      await PeerJsSocket.open(server.wsUrl, '10');
      await PeerJsSocket.open(server.wsUrl, '9');
      expect(await ask(`${server.url}/peerjs/peers`)).toEqual({
        status: 200,
        type: JSON_TYPE,
        body: '["charly","alice","10","9"]',
      });
      await alice.close();
      expect(await peersOf(server)).toEqual(['charly', '10', '9']);
      await PeerJsSocket.open(server.wsUrl, 'alice');
      expect(await peersOf(server)).toEqual(['charly', '10', '9', 'alice']);
    });

    it('lists more than a thousand ids', async () => {
      const server = await start({ allowDiscovery: true });
      const ids = Array.from({ length: 1050 }, (_, i) => `peer ${(i * 7919) % 1050}`);
      for (const id of ids) await PeerJsSocket.connect(server.wsUrl, { id });
      expect(await peersOf(server)).toEqual(ids);
    });

    it('omits clients of other protocols and rejected clients', async () => {
      const server = await start({ allowDiscovery: true });
      await PeerJsSocket.open(server.wsUrl, 'alice');
      const connector = new WebSocket(`${server.wsUrl}/`);
      await once(connector, 'message');
      await (
        await PeerJsSocket.connect(server.wsUrl, { id: 'alice', token: 'another' })
      ).closed;
      await (
        await PeerJsSocket.connect(server.wsUrl, { id: 'bob', key: 'wrong' })
      ).closed;
      expect(await peersOf(server)).toEqual(['alice']);
    });

    const ODD_IDS = [
      'a b',
      '__proto__',
      'constructor',
      'ä€😀',
      'quote"back\\slash',
      '<script>&amp;',
      'a/b?c#d',
      '100%',
      '%41',
      'a+b=c',
      'line\nfeed\u0000',
      ' ',
      '"',
      'null',
    ];

    it('lists ids with any characters', async () => {
      const server = await start({ allowDiscovery: true });
      for (const id of ODD_IDS) {
        const socket = await PeerJsSocket.open(server.wsUrl, id);
        expect(await socket.rest()).toEqual([]);
      }
      expect(await peersOf(server)).toEqual(ODD_IDS);
    });

    it.each(['a b', 'a+b', 'a=b', '100%', "it's", 'ä', '(x)*!~', 'a/b:c@d,e;f$g'])(
      'lists the id %s, which the client library does not encode',
      async (id) => {
        const server = await start({ allowDiscovery: true });
        await PeerJsSocket.open(server.wsUrl, { id, query: `key=peerjs&id=${id}&token=t&version=1.5.5` });
        expect(await peersOf(server)).toEqual([id]);
      },
    );
  });

  describe.each([
    ['myapp', '/myapp'],
    ['/myapp', '/myapp'],
    ['/myapp/', '/myapp'],
    ['/a/b', '/a/b'],
    ['a/b/', '/a/b'],
    ['/', ''],
    ['', ''],
    ['/v1.0_~-x', '/v1.0_~-x'],
  ])('with the path %j', (path, mount) => {
    let server: TestServer;

    beforeEach(async () => {
      server = await start({ path, allowDiscovery: true });
    });

    it('serves the whole protocol below this path', async () => {
      for (const end of ['', '/', '?a=b', '/?a=b']) {
        expect(await ask(server.url + mount + end)).toEqual({ status: 200, type: JSON_TYPE, body: DOCUMENT });
      }
      expect((await ask(`${server.url}${mount}/peerjs/id`)).body).toMatch(UUID_V4);
      expect((await ask(`${server.url}${mount}/wrong/id`)).status).toBe(401);
      expect((await ask(`${server.url}${mount}/peerjs/nothing`)).status).toBe(404);
      await PeerJsSocket.open(server.wsUrl, { mount });
      expect((await ask(`${server.url}${mount}/peerjs/peers`)).body).toBe('["alice"]');
    });

    it('accepts upgrades at one path only', async () => {
      const query = '?key=peerjs&id=x&token=t';
      expect(await upgradeStatus(server.url, `${mount}/peerjs${query}`)).toBe(101);
      expect(await upgradeStatus(server.url, `${mount}/peerjs/${query}`)).toBe(101);
      expect(await upgradeStatus(server.url, `${mount}/peerjs/more${query}`)).toBe(404);
      expect(await upgradeStatus(server.url, `${mount}/other${query}`)).toBe(404);
      if (mount !== '') {
        expect(await upgradeStatus(server.url, `/peerjs${query}`)).toBe(404);
        expect((await ask(`${server.url}/peerjs/id`)).status).toBe(404);
      }
    });
  });

  describe('several keys', () => {
    const keys = new Map([
      ['peerjs', 'default'],
      ['acme', 'acme'],
    ]);

    it('map to isolated realms', async () => {
      const server = await start({ keys, allowDiscovery: true, queueTtlMs: 100, queueSweepMs: 20 });
      const alice = await PeerJsSocket.open(server.wsUrl, { id: 'alice', token: '1' });
      const other = await PeerJsSocket.open(server.wsUrl, { id: 'alice', token: '2', key: 'acme' });
      const bob = await PeerJsSocket.open(server.wsUrl, { id: 'bob', key: 'acme' });
      expect((await ask(`${server.url}/peerjs/peers`)).body).toBe('["alice"]');
      expect((await ask(`${server.url}/acme/peers`)).body).toBe('["alice","bob"]');
      expect((await ask(`${server.url}/acme/id`)).body).toMatch(UUID_V4);
      expect((await ask(`${server.url}/default/id`)).status).toBe(401);

      bob.send({ type: 'OFFER', dst: 'alice', payload: 'for acme' });
      expect(await other.next('OFFER')).toEqual({ type: 'OFFER', src: 'bob', dst: 'alice', payload: 'for acme' });
      alice.send({ type: 'OFFER', dst: 'bob', payload: 'lost' });
      alice.send({ type: 'LEAVE', dst: 'bob' });
      expect(await alice.next('EXPIRE')).toEqual({ type: 'EXPIRE', src: 'bob', dst: 'alice' });
      for (const socket of [alice, other, bob]) expect(await socket.rest()).toEqual([]);
    });

    it('separate the queues for absent clients', async () => {
      const server = await start({ keys });
      const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
      const other = await PeerJsSocket.open(server.wsUrl, { id: 'alice', key: 'acme' });
      alice.send({ type: 'OFFER', dst: 'bob', payload: 'default' });
      other.send({ type: 'OFFER', dst: 'bob', payload: 'acme' });
      await Promise.all([alice.rest(), other.rest()]);
      const bob = await PeerJsSocket.open(server.wsUrl, { id: 'bob', key: 'acme' });
      expect(await bob.rest()).toEqual([{ type: 'OFFER', src: 'alice', dst: 'bob', payload: 'acme' }]);
    });

    it('replace the single one', async () => {
      const server = await start({ key: 'single', keys });
      expect((await ask(`${server.url}/single/id`)).status).toBe(401);
    });

    it('accept any text', async () => {
      const server = await start({ key: 'ä&+"' });
      expect((await ask(`${server.url}/${encodeURIComponent('ä&+"')}/id`)).body).toMatch(UUID_V4);
      await PeerJsSocket.open(server.wsUrl, { key: 'ä&+"' });
    });
  });

  it('lets an application generate the ids', async () => {
    const ids = ['taken', 'free'];

    @Injectable()
    class MyIds extends IdGenerator {
      override peerJsClient(): string {
        return ids.shift() ?? super.peerJsClient();
      }
    }

    const server = await start({}, [{ provide: IdGenerator, useClass: MyIds }]);
    await PeerJsSocket.open(server.wsUrl, 'taken');
    expect(await ask(`${server.url}/peerjs/id`)).toEqual({ status: 200, type: TEXT, body: 'free' });
    expect((await ask(`${server.url}/peerjs/id`)).body).toMatch(UUID_V4);
  });

  it('returns an error if an application generates no free id', async () => {
    @Injectable()
    class OneId extends IdGenerator {
      override peerJsClient(): string {
        return 'the one';
      }
    }

    const server = await start({}, [{ provide: IdGenerator, useClass: OneId }]);
    await PeerJsSocket.open(server.wsUrl, 'the one');
    expect((await ask(`${server.url}/peerjs/id`)).status).toBe(503);
  });
});

describe('PeerJS over HTTP while the client directory is unavailable', () => {
  it.each([
    ['/peerjs/id', new DomainError('UNAVAILABLE', {}), 503],
    ['/peerjs/peers', new DomainError('UNAVAILABLE', {}), 503],
    ['/wrong/id', new DomainError('UNAVAILABLE', {}), 401],
    ['/peerjs/id', new Error('a secret'), 500],
  ])('answers %s with an error: %s', async (path, reason, status) => {
    const server = await start({ allowDiscovery: true });
    for (const directory of server.everywhere(ClientDirectory)) {
      jest.spyOn(directory, 'find').mockRejectedValue(reason);
      jest.spyOn(directory, 'list').mockRejectedValue(reason);
    }
    const answer = await ask(server.url + path);
    expect(answer.status).toBe(status);
    expect(answer.body).not.toMatch(/secret|\n\s+at /);
  });
});

describe('PeerJS from pages of other origins', () => {
  const A = 'https://a.example';
  const B = 'https://b.example';

  interface Cors {
    readonly status: number;
    readonly allowed: string | null;
    readonly vary: string | null;
  }

  async function cors(url: string, origin: string, method = 'GET'): Promise<Cors> {
    const headers: Record<string, string> = { origin };
    if (method === 'OPTIONS') headers['access-control-request-method'] = 'GET';
    const response = await fetch(url, { method, headers });
    await response.text();
    const { status } = response;
    return {
      status,
      allowed: response.headers.get('access-control-allow-origin'),
      vary: response.headers.get('vary'),
    };
  }

  const PATHS = [
    ['', 200],
    ['/', 200],
    ['/peerjs/id', 200],
    ['/peerjs/peers', 401],
    ['/wrong/id', 401],
  ] as const;

  describe.each([
    ['/', ''],
    ['/myapp', '/myapp'],
  ])('on the path %s', (path, mount) => {
    it('allows any origin without a list', async () => {
      const server = await start({ path });
      for (const [end, status] of PATHS) {
        const url = server.url + mount + end;
        expect([end, await cors(url, A)]).toEqual([end, { status, allowed: A, vary: 'Origin' }]);
        expect([end, await cors(url, 'null')]).toEqual([end, { status, allowed: 'null', vary: 'Origin' }]);
        expect([end, await cors(url, B, 'OPTIONS')]).toEqual([
          end,
          { status: 204, allowed: B, vary: expect.stringMatching(/^Origin/) as string },
        ]);
      }
    });

    it('allows only origins of the list', async () => {
      const server = await start({ path, cors: [A, 'https://c.example:8443'] });
      for (const [end, status] of PATHS) {
        const url = server.url + mount + end;
        expect([end, await cors(url, A)]).toEqual([end, { status, allowed: A, vary: 'Origin' }]);
        expect([end, await cors(url, B)]).toEqual([end, { status, allowed: null, vary: 'Origin' }]);
        expect([end, await cors(url, `${A}.evil.example`)]).toEqual([end, { status, allowed: null, vary: 'Origin' }]);
        expect([end, await cors(url, A, 'OPTIONS')]).toEqual([
          end,
          { status: 204, allowed: A, vary: expect.stringMatching(/^Origin/) as string },
        ]);
        expect([end, await cors(url, B, 'OPTIONS')]).toEqual([
          end,
          { status: 204, allowed: null, vary: expect.stringMatching(/^Origin/) as string },
        ]);
      }
    });
  });

  it('accepts upgrades from any origin without a list', async () => {
    const server = await start();
    for (const origin of [A, 'null', 'http://localhost']) {
      expect(await upgradeStatus(server.url, undefined, { origin })).toBe(101);
    }
  });

  it('accepts upgrades from any origin if the list allows it', async () => {
    const server = await start({ cors: ['*'] });
    expect(await upgradeStatus(server.url, undefined, { origin: B })).toBe(101);
    expect(await cors(server.url, B)).toEqual({ status: 200, allowed: B, vary: 'Origin' });
  });

  it.each([
    ['a page of the list', { origin: A }, 101],
    ['a page elsewhere', { origin: B }, 403],
    ['another port', { origin: `${A}:8443` }, 403],
    ['another scheme', { origin: 'http://a.example' }, 403],
    ['a longer name', { origin: `${A}.evil.example` }, 403],
    ['a page without an origin', { origin: 'null' }, 403],
    ['nonsense', { origin: 'nonsense' }, 403],
    ['an empty origin', { origin: '' }, 403],
    ["the server's own page", { origin: 'http://signal.example:9000', host: 'signal.example:9000' }, 101],
    ['its own page behind TLS', { origin: 'https://signal.example', host: 'signal.example' }, 101],
    ['a page on another port of it', { origin: 'http://signal.example:81', host: 'signal.example:9000' }, 403],
    ['a program', {}, 101],
  ] as const)('with a list: %s', async (_, headers, status) => {
    const server = await start({ cors: [A] });
    expect(await upgradeStatus(server.url, undefined, { ...headers })).toBe(status);
  });

  it('rejects an origin before other checks and keeps running', async () => {
    const server = await start({ cors: [A], concurrentLimit: 1 });
    await PeerJsSocket.open(server.wsUrl, { origin: A });
    for (const path of ['/peerjs?key=wrong', '/peerjs', '/peerjs?key=peerjs&id=alice&token=x']) {
      expect(await upgradeStatus(server.url, path, { origin: B })).toBe(403);
    }
    await expect(PeerJsSocket.open(server.wsUrl, { origin: B })).rejects.toThrow('403');
    expect((await ask(`${server.url}/peerjs/id`)).status).toBe(200);
  });
});
