import { jest } from '@jest/globals';
import * as jose from 'jose';
import type { Troubles } from '../troubles.js';
import { Jwks } from './jwks.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const ALG = 'ES256';

/** A server of keys that answers at once. */
class KeyServer {
  requests = 0;
  isAway = false;
  keys: jose.JWK[] = [];

  readonly fetch = (): Promise<Response> => {
    this.requests++;
    return this.isAway ? Promise.reject(new TypeError('fetch failed')) : Promise.resolve(Response.json(this));
  };

  async add(kid: string): Promise<void> {
    const { publicKey } = await jose.generateKeyPair(ALG, { extractable: true });
    this.keys.push({ ...(await jose.exportJWK(publicKey)), kid, alg: ALG });
  }
}

describe('Jwks', () => {
  let server: KeyServer;
  let jwks: Jwks;
  let problems: string[];

  beforeEach(async () => {
    server = new KeyServer();
    await server.add('one');
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    jest.spyOn(globalThis, 'fetch').mockImplementation(server.fetch);
    problems = [];
    const troubles = { note: (problem: string) => problems.push(problem) } as unknown as Troubles;
    jwks = new Jwks(jose, 'https://id.example/jwks', 24 * HOUR_MS, troubles);
  });

  afterEach(() => {
    jwks.close();
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  const find = (kid: string): Promise<unknown> =>
    Promise.resolve(jwks.find({ alg: ALG, kid }, {} as jose.FlattenedJWSInput));
  const outcome = (kid: string): Promise<string> =>
    find(kid).then(
      () => 'found',
      (error: unknown) => (error as { code: string }).code,
    );
  const UNKNOWN = 'ERR_JWKS_NO_MATCHING_KEY';

  it('fetches the keys once for many tokens', async () => {
    jwks.start();
    expect(await Promise.all(Array.from({ length: 50 }, () => outcome('one')))).toEqual(Array(50).fill('found'));
    expect(server.requests).toBe(1);
  });

  it('finds a new key at once, and asks for unknown keys at most once in 30 s', async () => {
    expect(await outcome('one')).toBe('found');
    await server.add('two');
    expect(await outcome('two')).toBe('found');
    expect(server.requests).toBe(2);
    await server.add('three');
    for (let at = 0; at < 100; at++) expect(await outcome(`random-${at}`)).toBe(UNKNOWN);
    expect(await outcome('three')).toBe(UNKNOWN);
    expect(server.requests).toBe(2);
    jest.advanceTimersByTime(30_000);
    expect(await outcome('three')).toBe('found');
    expect(server.requests).toBe(3);
  });

  it('asks for unknown keys at most once in 30 s while the server is away', async () => {
    await outcome('one');
    server.isAway = true;
    for (let at = 0; at < 10; at++) expect(await outcome('other')).toBe(UNKNOWN);
    expect(await outcome('one')).toBe('found');
    expect(server.requests).toBe(2);
  });

  it('refreshes the keys in the background, so that a withdrawn key stops working', async () => {
    await outcome('one');
    server.keys = [];
    await jest.advanceTimersByTimeAsync(5 * MINUTE_MS);
    expect(server.requests).toBe(2);
    expect(await outcome('one')).toBe(UNKNOWN);
  });

  it('goes on with the keys it has seen for jwksStaleS, and then refuses until the server is back', async () => {
    await outcome('one');
    server.isAway = true;
    await jest.advanceTimersByTimeAsync(23 * HOUR_MS);
    expect(await outcome('one')).toBe('found');
    await jest.advanceTimersByTimeAsync(HOUR_MS + MINUTE_MS);
    expect(await outcome('one')).toBe('UNAVAILABLE');
    server.isAway = false;
    jest.advanceTimersByTime(1000);
    expect(await outcome('one')).toBe('found');
    expect(problems).toContain('fetch failed');
  });

  it('tries every 30 s in the background while the server is away', async () => {
    server.isAway = true;
    jwks.start();
    await jest.advanceTimersByTimeAsync(MINUTE_MS);
    expect(server.requests).toBe(3);
    server.isAway = false;
    await jest.advanceTimersByTimeAsync(30_000);
    const { requests } = server;
    expect(await outcome('one')).toBe('found');
    expect(server.requests).toBe(requests);
  });

  it('asks at most once a second for tokens while there are no keys', async () => {
    server.isAway = true;
    for (let at = 0; at < 20; at++) expect(await outcome('one')).toBe('UNAVAILABLE');
    expect(server.requests).toBe(1);
    jest.advanceTimersByTime(1000);
    server.isAway = false;
    expect(await outcome('one')).toBe('found');
  });

  it('asks no more after its end', async () => {
    await outcome('one');
    jwks.close();
    await jest.advanceTimersByTimeAsync(HOUR_MS);
    expect(server.requests).toBe(1);
  });
});
