import { generateKeyPairSync } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import { attempt } from '../../support/attempts.js';
import { becomes } from '../../support/becomes.js';
import { Backend, jwksOf, SigningKey, startJwks } from '../../support/issuer.js';
import { startServer, type TestServer } from '../../support/server.js';

/** Less than the time limit of a request for keys, which no client waits for that has a known key. */
const AT_ONCE_MS = 2000;

let key: SigningKey;

beforeAll(async () => {
  key = await SigningKey.create('one');
});

const start = ({ url }: Backend): Promise<TestServer> =>
  startServer({ auth: { mode: 'jwt', jwt: { jwksUrl: `${url}/jwks` } } });

describe('a JWKS server', () => {
  it('may rotate its keys', async () => {
    const jwks = await startJwks(key);
    const server = await start(jwks);
    expect(await attempt(server, await key.token())).toMatchObject({ sub: 'alice' });
    const next = await SigningKey.create('two');
    jwks.says(jwksOf(key, next));
    expect(await attempt(server, await next.token())).toMatchObject({ sub: 'alice' });
    jwks.isAway();
    expect(await attempt(server, await key.token())).toMatchObject({ sub: 'alice' });
    expect(await attempt(server, await next.token())).toMatchObject({ sub: 'alice' });
  });

  it('may have several keys, some without a kid, for a token without one', async () => {
    const [one, two] = await Promise.all([SigningKey.create('1'), SigningKey.create('2')]);
    const jwks = await Backend.start(() => undefined);
    jwks.says({ keys: [one, two].map(({ jwk }) => ({ ...jwk, kid: undefined })) });
    const server = await start(jwks);
    for (const each of [one, two]) {
      expect(await attempt(server, await each.token({}, { kid: undefined }))).toMatchObject({ sub: 'alice' });
    }
    expect(await attempt(server, await key.token({}, { kid: undefined }))).toBe('signature');
    expect(await attempt(server, await key.token())).toBe('key');
  });

  it('may answer slowly: tokens with known keys do not wait', async () => {
    const jwks = await startJwks(key);
    const server = await start(jwks);
    await attempt(server, await key.token());
    jwks.hangs();
    const unknown = attempt(server, await (await SigningKey.create('two')).token());
    const since = performance.now();
    expect(await attempt(server, await key.token())).toMatchObject({ sub: 'alice' });
    expect(performance.now() - since).toBeLessThan(AT_ONCE_MS);
    expect(await unknown).toBe('key');
  });

  it('may be away at the start', async () => {
    const jwks = await startJwks(key);
    jwks.isAway();
    const server = await start(jwks);
    const token = await key.token();
    expect(await attempt(server, token)).toBe('UNAVAILABLE');
    jwks.says(jwksOf(key));
    await becomes(async () => typeof (await attempt(server, token)), 'object');
  });

  it.each<[string, (jwks: Backend) => void]>([
    ['hangs', (jwks) => jwks.hangs()],
    ['answers with an error', (jwks) => jwks.says(jwksOf(key), 500)],
    ['answers with no JSON', (jwks) => jwks.says('<html>')],
    ['answers with no JWKS', (jwks) => jwks.says({ keys: 'none' })],
    ['answers with null', (jwks) => jwks.says('null')],
    ['redirects', (jwks) => jwks.says('', 302, { location: `${jwks.url}/other` })],
    ['answers with too much', (jwks) => jwks.says(`{"keys":[${' '.repeat(300_000)}]}`)],
    ['answers with too many keys', (jwks) => jwks.says({ keys: Array(1001).fill({}) })],
    ['closes the connection', (jwks) => jwks.isAway()],
  ])('lets nobody in while it %s', async (_, misbehave) => {
    const jwks = await startJwks(key);
    misbehave(jwks);
    const server = await start(jwks);
    expect(await attempt(server, await key.token())).toBe('UNAVAILABLE');
  });

  it('does not stop tokens with other keys by keys that are no use', async () => {
    const jwks = await Backend.start(() => undefined);
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const useless = [
      null,
      5,
      'x',
      {},
      { kty: 'oct', k: 'c2VjcmV0', kid: 'oct' },
      { kty: 'RSA', kid: 'rsa', n: '!', e: '' },
    ];
    jwks.says({ keys: [...useless, { ...(await exportJWK(privateKey)), kid: 'private' }, key.jwk] });
    const server = await start(jwks);
    expect(await attempt(server, await key.token())).toMatchObject({ sub: 'alice' });
    expect(await attempt(server, await key.token({}, { kid: 'private' }))).toBe('key');
    expect(await attempt(server, await key.token({}, { kid: 'oct' }))).toBe('key');
  });

  it('may list a key that is no point of its curve', async () => {
    const jwks = await Backend.start(() => undefined);
    jwks.says({ keys: [{ ...key.jwk, kid: 'off', y: key.jwk.x }, key.jwk] });
    const server = await start(jwks);
    expect(await attempt(server, await key.token({}, { kid: 'off' }))).toBe('key');
    expect(await attempt(server, await key.token())).toMatchObject({ sub: 'alice' });
  });

  it('may list a weak key before the one of a token that names none', async () => {
    const jwks = await Backend.start(() => undefined);
    const rsa = await SigningKey.create('rsa', 'RS256');
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
    jwks.says({ keys: [weak, rsa.jwk] });
    const server = await start(jwks);
    expect(await attempt(server, await rsa.token({}, { kid: undefined }))).toMatchObject({ sub: 'alice' });
  });

  it('does not lend a key to an algorithm that it does not name', async () => {
    const rsa = await SigningKey.create('rsa', 'RS256');
    const server = await start(await startJwks(key, rsa));
    expect(await attempt(server, await key.token({}, { kid: 'rsa' }))).toBe('key');
    expect(await attempt(server, await rsa.token())).toMatchObject({ sub: 'alice' });
  });
});
