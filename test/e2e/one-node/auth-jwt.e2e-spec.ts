import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportSPKI } from 'jose';
import { attempt } from '../../support/attempts.js';
import { AUDIENCE, forged, ISSUER, seconds, secretToken, SigningKey, startJwks } from '../../support/issuer.js';
import { startServer, type TestServer } from '../../support/server.js';

const SECRET = 'a secret of enough characters';
const OLD_SECRET = 'a secret that is being retired';

let key: SigningKey;
let directory: string;

beforeAll(async () => {
  key = await SigningKey.create('one');
  directory = mkdtempSync(join(tmpdir(), 'signalbox-auth-'));
});

afterAll(() => rmSync(directory, { recursive: true }));

const file = (name: string, text: string): string => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};

const start = (jwt: object): Promise<TestServer> => startServer({ auth: { mode: 'jwt', jwt } });

describe('tokens signed with a key of a JWKS', () => {
  let server: TestServer;

  beforeAll(async () => {
    const { url } = await startJwks(key);
    server = await start({
      jwksUrl: `${url}/jwks.json`,
      issuer: [ISSUER, 'https://other.example'],
      audience: AUDIENCE,
    });
  });

  it('are accepted, with their claims', async () => {
    const exp = seconds(60);
    const signalbox = { name: 'Alice', rooms: { join: ['team-*'] } };
    const identity = { sub: 'alice', expiresAt: exp * 1000, ...signalbox };
    expect(await attempt(server, await key.token({ exp, signalbox }))).toEqual(identity);
    expect(await attempt(server, await key.token({ iss: 'https://other.example', aud: ['x', AUDIENCE] }))).toMatchObject({ sub: 'alice' }); // prettier-ignore
  });

  it.each<[string, object, object, string]>([
    ['expired', { exp: seconds(-6) }, {}, 'expired'],
    ['without an expiry', { exp: undefined }, {}, 'no_expiry'],
    ['with text as the expiry', { exp: String(seconds(60)) }, {}, 'claims'],
    ['not valid yet', { nbf: seconds(60) }, {}, 'not_yet_valid'],
    ['with text as the start', { nbf: 'now' }, {}, 'claims'],
    ['of another issuer', { iss: 'https://evil.example' }, {}, 'issuer'],
    ['without an issuer', { iss: undefined }, {}, 'issuer'],
    ['for another audience', { aud: 'other' }, {}, 'audience'],
    ['without an audience', { aud: undefined }, {}, 'audience'],
    ['for another realm', { signalbox: { realm: 'other' } }, {}, 'realm'],
    ['with an invalid claim', { signalbox: { signal: 'all' } }, {}, 'claims'],
    ['with an unknown kid', {}, { kid: 'other' }, 'key'],
  ])('are refused when they are %s', async (_, claims, header, reason) => {
    expect(await attempt(server, await key.token(claims, header))).toBe(reason);
  });

  it('are valid within the clock tolerance', async () => {
    const claims = { exp: seconds(-3), nbf: seconds(3) };
    expect(await attempt(server, await key.token(claims))).toMatchObject({ sub: 'alice' });
  });

  it('may expire in the far future', async () => {
    const outcome = await attempt(server, await key.token({ exp: 1e15 }));
    expect(outcome).toMatchObject({ expiresAt: 8.64e15 });
  });

  it('are refused without a signature (alg: none)', async () => {
    const payload = { iss: ISSUER, aud: AUDIENCE, sub: 'alice', exp: seconds(60) };
    for (const alg of ['none', 'None', 'NONE', '']) {
      expect(await attempt(server, forged({ alg, kid: 'one' }, payload))).toMatch(/algorithm|malformed/);
    }
  });

  it('are refused when the public key is used as the secret of an HMAC', async () => {
    const payload = { iss: ISSUER, aud: AUDIENCE, sub: 'alice', exp: seconds(60) };
    for (const secret of [await exportSPKI(key.publicKey), JSON.stringify(key.jwk)]) {
      const unsigned = forged({ alg: 'HS256', kid: 'one' }, payload);
      const signature = createHmac('sha256', secret).update(unsigned.slice(0, -1)).digest('base64url');
      expect(await attempt(server, unsigned + signature)).toBe('algorithm');
    }
  });

  it('are refused when they need an extension (crit)', async () => {
    const [, payload = '', signature = ''] = (await key.token()).split('.');
    const header = { alg: 'ES256', kid: 'one', crit: ['exp'], exp: 1 };
    expect(await attempt(server, forged(header, Buffer.from(payload, 'base64url').toString(), signature))).toMatch(/unsupported|malformed|signature/); // prettier-ignore
  });

  it('are refused with a changed payload, signature or header', async () => {
    const [header = '', payload = '', signature = ''] = (await key.token()).split('.');
    const other = await SigningKey.create('one');
    const [, otherPayload = ''] = (await key.token({ sub: 'mallory' })).split('.');
    for (const token of [
      `${header}.${otherPayload}.${signature}`,
      `${header}.${payload}.${signature.slice(0, -4)}AAAA`,
      await other.token(),
    ]) {
      expect(await attempt(server, token)).toBe('signature');
    }
  });

  it.each(['x', 'a.b', 'a.b.c', '..', 'a.b.c.d.e', '{}', 'é.é.é', '\0', 'x'.repeat(20_000)])(
    'are refused when they are no tokens (%#)',
    async (token) => {
      expect(await attempt(server, token)).toBe('malformed');
    },
  );

  it('are refused when they are huge', async () => {
    expect(await attempt(server, await key.token({ more: 'x'.repeat(20_000) }))).toBe('malformed');
  });

  it('are refused when there is none', async () => {
    expect(await attempt(server, undefined)).toBe('missing');
    expect(await attempt(server, '')).toBe('missing');
  });

  it('give an id that the client must ask for', async () => {
    const token = await key.token({ signalbox: { id: 'alice-1' } });
    expect(await attempt(server, token, { id: 'alice-1' })).toMatchObject({ id: 'alice-1' });
    expect(await attempt(server, token)).toMatchObject({ id: 'alice-1' });
    expect(await attempt(server, token, { id: 'bob' })).toBe('NOT_AUTHORIZED');
    const prefixed = await key.token({ signalbox: { idPrefix: 'alice-' } });
    expect(await attempt(server, prefixed, { id: 'alice-2' })).toMatchObject({ idPrefix: 'alice-' });
    expect(await attempt(server, prefixed, { id: 'mallory' })).toBe('NOT_AUTHORIZED');
  });
});

describe('a member that occurs twice in a token', () => {
  it('has the last value, as in JSON', async () => {
    const server = await start({ secret: SECRET });
    const payload = `{"sub":"alice","sub":"bob","exp":${seconds(60)}}`;
    const unsigned = forged({ alg: 'HS256' }, payload).slice(0, -1);
    const signature = createHmac('sha256', SECRET).update(unsigned).digest('base64url');
    expect(await attempt(server, `${unsigned}.${signature}`)).toMatchObject({ sub: 'bob' });
  });
});

describe('tokens signed with a shared secret', () => {
  it('are accepted with each secret of a list, and with those of files', async () => {
    const secretFile = file('secret', `${SECRET}\n`);
    const server = await start({ secretFile, secret: [OLD_SECRET] });
    for (const secret of [SECRET, OLD_SECRET]) {
      expect(await attempt(server, await secretToken(secret))).toMatchObject({ sub: 'alice' });
      expect(await attempt(server, await secretToken(secret, {}, 'HS512'))).toMatchObject({ sub: 'alice' });
    }
    expect(await attempt(server, await secretToken('another secret of enough characters'))).toBe('signature');
    expect(await attempt(server, await key.token())).toBe('algorithm');
    expect(await attempt(server, await secretToken(OLD_SECRET, { exp: seconds(-60) }))).toBe('expired');
  });

  it('are bound to the configured algorithms', async () => {
    const server = await start({ secret: SECRET, algorithms: ['HS512'] });
    expect(await attempt(server, await secretToken(SECRET))).toBe('algorithm');
    expect(await attempt(server, await secretToken(SECRET, {}, 'HS512'))).toMatchObject({ sub: 'alice' });
  });

  it('need no expiry if their age is bounded', async () => {
    const server = await start({ secret: SECRET, maxAgeS: 60 });
    const iat = seconds();
    expect(await attempt(server, await secretToken(SECRET, { exp: undefined, iat }))).toEqual({
      sub: 'alice',
      expiresAt: (iat + 60) * 1000,
    });
    expect(await attempt(server, await secretToken(SECRET, { exp: seconds(10), iat }))).toMatchObject({ expiresAt: seconds(10) * 1000 }); // prettier-ignore
    expect(await attempt(server, await secretToken(SECRET, { iat: seconds(-70) }))).toBe('too_old');
    expect(await attempt(server, await secretToken(SECRET, { iat: seconds(70) }))).toBe('not_yet_valid');
    expect(await attempt(server, await secretToken(SECRET, { iat: undefined }))).toBe('no_expiry');
  });

  it('may have the claim under another name', async () => {
    const claim = 'https://acme.example/signalbox';
    const server = await start({ secret: SECRET, claim });
    const token = await secretToken(SECRET, { [claim]: { name: 'A' }, signalbox: { name: 'B' } });
    expect(await attempt(server, token)).toMatchObject({ name: 'A' });
  });
});

describe('tokens signed with the key of a file', () => {
  it.each(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'])('are accepted (%s, PEM and JWK)', async (alg) => {
    const pair = await SigningKey.create('k', alg);
    for (const text of [await exportSPKI(pair.publicKey), JSON.stringify(pair.jwk)]) {
      const server = await start({ publicKeyFile: file(`${alg}.key`, text) });
      expect(await attempt(server, await pair.token())).toMatchObject({ sub: 'alice' });
      expect(await attempt(server, await secretToken(text))).toBe('algorithm');
      expect(await attempt(server, await (await SigningKey.create('k', alg)).token())).toBe('signature');
    }
  });

  it('stop the start if the file holds no key, without quoting the file', async () => {
    const publicKeyFile = file('wrong', 'the password is swordfish');
    const starting = start({ publicKeyFile });
    await expect(starting).rejects.toThrow(`auth.jwt.publicKeyFile (${publicKeyFile}) must hold a public key as PEM or JWK`); // prettier-ignore
    await expect(starting).rejects.not.toThrow(/swordfish/);
  });

  it('stop the start if no algorithm fits the key', async () => {
    const publicKeyFile = file('es', JSON.stringify(key.jwk));
    for (const [algorithm, problem] of [
      ['RS256', 'auth.jwt.algorithms must fit the key'],
      ['HS256', 'has algorithms in auth.jwt that do not fit its keys'],
    ] as const) {
      await expect(start({ publicKeyFile, algorithms: [algorithm] })).rejects.toThrow(problem);
    }
  });
});

describe('with required: false', () => {
  it('lets a client without a token in as nobody, and refuses a bad token', async () => {
    const server = await startServer({ auth: { mode: 'jwt', required: false, jwt: { secret: SECRET } } });
    expect(await attempt(server, undefined)).toEqual({});
    expect(await attempt(server, 'bad')).toBe('malformed');
    expect(await attempt(server, await secretToken(SECRET))).toMatchObject({ sub: 'alice' });
  });
});
