import { createHash } from 'node:crypto';
import { jest } from '@jest/globals';
import type { NodeList } from '../../../src/admin/cluster.dto.js';
import type { RoomPage } from '../../../src/admin/room.dto.js';
import {
  AdminApi,
  type AdminPath,
  type AdminServer,
  OPERATE_TOKEN,
  problem,
  READ_TOKEN,
  startAdminServer,
} from '../../support/admin-api.js';
import { titled } from '../../support/connector-client.js';
import { startServer } from '../../support/server.js';
import { Visitors } from '../../support/visitors.js';

type Call = readonly [method: string, path: AdminPath, body?: unknown];

/** Successful requests that only read. */
const LOOKS: readonly Call[] = [
  ['GET', 'clients'],
  ['GET', ['clients', 'pia']],
  ['GET', 'rooms'],
  ['GET', ['rooms', 'lobby']],
  ['GET', 'realms'],
  ['GET', 'nodes'],
  ['GET', 'stats'],
  ['GET', 'history'],
  ['GET', 'token'],
];

const CHANGES: readonly Call[] = [
  ['DELETE', ['clients', 'pia']],
  ['DELETE', ['clients', 'nobody']],
  ['DELETE', ['users', 'alice']],
  ['POST', ['clients', 'pia', 'messages'], { data: 1 }],
  ['POST', 'rooms', { id: 'attic' }],
  ['POST', 'rooms', { bad: true }],
  ['DELETE', ['rooms', 'lobby']],
  ['DELETE', ['rooms', 'lobby', 'clients', 'pia']],
  ['POST', ['rooms', 'lobby', 'messages'], { data: 1 }],
  ['POST', ['nodes', 'node-1', 'drain']],
];

const named = (calls: readonly Call[]): [string, Call][] =>
  calls.map((call) => [`${call[0]} ${[call[1]].flat().join('/')}`, call]);

describe('admin API: access', () => {
  describe('without any token', () => {
    it.each(['0.0.0.0', '::'])('answers 404 on %s', async (host) => {
      const server = await startServer({ host });
      try {
        for (const [method, path, body] of [...LOOKS, ...CHANGES]) {
          for (const token of [undefined, '', 'a-token-that-is-long']) {
            const answer = await new AdminApi(server.url, token).request(method, path, { body });
            expect(answer).toEqual(problem('not-found', 'The admin API is off: no token is configured.'));
          }
        }
      } finally {
        await server.close();
      }
    });

    it.each(['127.0.0.1', '::1', 'localhost'])('requires the generated token on %s', async (host) => {
      const server = await startServer({ host });
      const { port } = server;
      const url = `http://${host === '::1' ? '[::1]' : host}:${port}`;
      try {
        for (const token of [undefined, '', 'undefined', 'generated']) {
          expect(await new AdminApi(url, token).get('stats')).toEqual(problem('unauthorized'));
        }
      } finally {
        await server.close();
      }
    });
  });

  describe('with tokens', () => {
    let server: AdminServer;
    let visitors: Visitors;
    let addresses = 0;

    beforeAll(async () => {
      // Each test uses its own address, so that its failed attempts do not lock out the next test.
      server = await startAdminServer({ proxied: true });
      visitors = new Visitors(server, server.api);
      await visitors.peer('pia');
      await server.api.post('rooms', { id: 'lobby' });
    });
    afterAll(async () => {
      await visitors.leave();
      await server.close();
    });

    /** Returns an admin client with an address that no other test uses. */
    function stranger(token?: string): AdminApi {
      return new AdminApi(server.url, token, { 'X-Forwarded-For': `203.0.113.${++addresses}` });
    }

    const withHeader = (value: string) =>
      new AdminApi(server.url, undefined, { ...stranger().headers, Authorization: value });

    describe.each(named([...LOOKS, ...CHANGES, ['GET', 'events']]))('%s', (_, [method, path, body]) => {
      it('rejects a request without a token', async () => {
        const answer = await stranger().request(method, path, { body });
        expect(answer).toEqual(problem('unauthorized'));
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer\b/);
      });

      it('rejects a request with a wrong token', async () => {
        const answer = await stranger('a-token-that-is-wrong').request(method, path, { body });
        expect(answer).toEqual(problem('unauthorized'));
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer\b/);
      });
    });

    it.each(
      titled([
        ...['', 'Bearer', 'Bearer ', OPERATE_TOKEN, `Basic ${OPERATE_TOKEN}`, `Token ${OPERATE_TOKEN}`],
        `Basic ${Buffer.from(`olga:${OPERATE_TOKEN}`).toString('base64')}`,
        `Bearer ${OPERATE_TOKEN.slice(0, -1)}`,
        `Bearer ${OPERATE_TOKEN}x`,
        `Bearer ${OPERATE_TOKEN.toUpperCase()}`,
        `Bearer ${OPERATE_TOKEN} x`,
        `Bearer ${OPERATE_TOKEN},Bearer ${OPERATE_TOKEN}`,
        `Bearer olga:operate:${OPERATE_TOKEN}`,
        `Bearer sha256:${sha256(OPERATE_TOKEN)}`,
        `Bearer ${sha256(OPERATE_TOKEN)}`,
        'Bearer undefined',
        'Bearer __proto__',
        `Bearer ${'x'.repeat(8000)}`,
        'Bearer \u00e4\u00ff',
      ]),
    )('rejects the Authorization header %s', async (_, header) => {
      const answer = await withHeader(header).get('stats');
      expect(answer).toEqual(problem('unauthorized'));
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer\b/);
    });

    it('ignores the case of the scheme', async () => {
      for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
        expect((await withHeader(`${scheme} ${OPERATE_TOKEN}`).get('stats')).status).toBe(200);
      }
    });

    it('ignores tokens in the URL', async () => {
      const answer = await stranger().get('stats', { token: OPERATE_TOKEN, access_token: OPERATE_TOKEN });
      expect(answer).toEqual(problem('unauthorized'));
    });

    it.each(named(LOOKS))('%s accepts read-only tokens', async (_, [method, path]) => {
      expect((await server.reader.request(method, path)).status).toBe(200);
      expect((await server.api.request(method, path)).status).toBe(200);
    });

    it.each(named(LOOKS))('%s accepts HEAD with read-only tokens', async (_, [, path]) => {
      const answer = await server.reader.request('HEAD', path);
      expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body: undefined });
    });

    it.each(named(CHANGES))('%s rejects read-only tokens', async (_, [method, path, body]) => {
      expect(await server.reader.request(method, path, { body })).toEqual(problem('forbidden'));
      const { body: rooms } = await server.api.get<RoomPage>('rooms');
      expect(rooms.items.map(({ id }) => id)).toEqual(['lobby']);
      expect((await server.api.get(['clients', 'pia'])).status).toBe(200);
      const { body: nodes } = await server.api.get<NodeList>('nodes');
      expect(nodes.items).toMatchObject([{ name: 'node-1', isDraining: false }]);
    });

    it.each(['nonsense', '', 'rooms/lobby/members', 'clients/%zz', 'nodes/node-1'])(
      'answers the unknown path %j with a problem document',
      async (path) => {
        const { status, type, body } = await server.api.get(path);
        expect([400, 404]).toContain(status);
        expect(type).toBe('application/problem+json');
        expect(body).toMatchObject({ type: expect.stringMatching(/^urn:signalbox:problem:/) as string, status });
      },
    );
  });

  describe('tokens', () => {
    it('can be several, plain or hashed, each with its own role', async () => {
      const hashed = 'only-its-hash-is-known';
      const server = await startServer({
        host: '0.0.0.0',
        adminTokens: [
          `olga:operate:${OPERATE_TOKEN}`,
          `otto:operate:sha256:${sha256(hashed)}`,
          `rudi:read:SHA256:${sha256('rudi has a token, too').toUpperCase()}`,
          `rita:Read:${READ_TOKEN}`,
          'cora:operate:a:token:with:colons',
        ],
      });
      const statuses = async (token: string) => {
        const api = new AdminApi(server.url, token);
        return [(await api.get('stats')).status, (await api.post('rooms', {})).status];
      };
      try {
        expect(await statuses(OPERATE_TOKEN)).toEqual([200, 201]);
        expect(await statuses(hashed)).toEqual([200, 201]);
        expect(await statuses('rudi has a token, too')).toEqual([401, 401]);
        expect(await statuses(READ_TOKEN)).toEqual([200, 403]);
        expect(await statuses('a:token:with:colons')).toEqual([200, 201]);
        expect(await statuses(sha256(hashed))).toEqual([401, 401]);
        expect(await statuses(`sha256:${sha256(hashed)}`)).toEqual([401, 401]);
      } finally {
        await server.close();
      }
    });
  });

  describe('failed attempts', () => {
    let server: AdminServer;

    beforeEach(async () => {
      server = await startAdminServer({ proxied: true });
    });
    afterEach(async () => {
      jest.restoreAllMocks();
      await server.close();
    });

    const at = (address: string, token = 'a-token-that-is-wrong') =>
      new AdminApi(server.url, token, { 'X-Forwarded-For': address });

    /** Returns the number of attempts before the server answers too-many-attempts. */
    async function triesOf(api: AdminApi): Promise<number> {
      for (let tries = 0; tries < 50; tries++) {
        const answer = await api.get('stats');
        if (answer.status !== 401) {
          expect(answer).toEqual(problem('too-many-attempts'));
          return tries;
        }
      }
      throw new Error('the address is never locked out');
    }

    const aboutTen = (tries: number) => {
      expect(tries).toBeGreaterThanOrEqual(10);
      expect(tries).toBeLessThanOrEqual(12);
    };

    it('lock out their address, but not valid tokens from it', async () => {
      aboutTen(await triesOf(at('203.0.113.7')));
      for (const [method, path, body] of [...LOOKS, ...CHANGES]) {
        const answer = await at('203.0.113.7').request(method, path, { body });
        expect(answer).toEqual(problem('too-many-attempts'));
      }
      for (const token of [OPERATE_TOKEN, READ_TOKEN]) {
        expect((await at('203.0.113.7', token).get('stats')).status).toBe(200);
      }
      expect((await at('203.0.113.7', OPERATE_TOKEN).post('rooms', {})).status).toBe(201);
    });

    it.each([
      ['a /64', (number: number) => `2001:db8:0:7:${number}::1`],
      ['an IPv4 address in its spellings', (number: number) => (number % 2 ? '203.0.113.7' : '::ffff:203.0.113.7')],
    ])('count together for %s', async (_, addressOf) => {
      const answers = [];
      for (let number = 1; number <= 60; number++) answers.push(await at(addressOf(number)).get('stats'));
      aboutTen(answers.findIndex(({ status }) => status === 429));
      expect((await at('2001:db8:0:8::1').get('stats')).status).toBe(401);
      expect((await at(addressOf(61), OPERATE_TOKEN).get('stats')).status).toBe(200);
    });

    it.each([
      ['no token', {}],
      ['another scheme', { Authorization: 'Basic b2xnYTo=' }],
      ['no text behind the scheme', { Authorization: 'Bearer ' }],
    ])('include requests with %s', async (_, headers: Readonly<Record<string, string>>) => {
      aboutTen(await triesOf(new AdminApi(server.url, undefined, { 'X-Forwarded-For': '203.0.113.7', ...headers })));
      expect(await at('203.0.113.7').get('stats')).toEqual(problem('too-many-attempts'));
    });

    it('lock out the address when they arrive concurrently', async () => {
      const answers = await Promise.all(Array.from({ length: 60 }, () => at('203.0.113.7').get('stats')));
      aboutTen(answers.filter(({ status }) => status === 401).length);
      expect(answers.filter(({ status }) => status === 429)).not.toEqual([]);
    });

    it('of one address do not affect others', async () => {
      await triesOf(at('203.0.113.7'));
      expect((await at('203.0.113.8', OPERATE_TOKEN).get('stats')).status).toBe(200);
      expect((await at('2001:db8::7', OPERATE_TOKEN).get('stats')).status).toBe(200);
      expect((await server.api.get('stats')).status).toBe(200);
    });

    it('are forgotten after two minutes', async () => {
      const api = at('203.0.113.7');
      await triesOf(api);
      const now = performance.now.bind(performance);
      jest.spyOn(performance, 'now').mockImplementation(() => now() + 120_000);
      aboutTen(await triesOf(api));
    });

    it('count for the real address if X-Forwarded-For is forged', async () => {
      const plain = await startAdminServer();
      const guess = (number: number) =>
        new AdminApi(plain.url, 'a-token-that-is-wrong', { 'X-Forwarded-For': `203.0.113.${number}` }).get('stats');
      try {
        for (let number = 1; number <= 12; number++) await guess(number);
        expect(await guess(13)).toEqual(problem('too-many-attempts'));
        expect((await plain.api.get('stats')).status).toBe(200);
      } finally {
        await plain.close();
      }
    });

    it('do not include requests with a valid token', async () => {
      for (let number = 0; number < 30; number++) {
        expect((await at('203.0.113.7', READ_TOKEN).post('rooms', {})).status).toBe(403);
      }
      expect((await at('203.0.113.7', OPERATE_TOKEN).get('stats')).status).toBe(200);
    });
  });
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
