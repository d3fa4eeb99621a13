import { KeyObject } from 'node:crypto';
import * as jose from 'jose';
import { Batches } from './batches.js';
import { ES256, Es256 } from './es256.js';

const OPTIONS = { algorithms: [ES256], requiredClaims: ['exp'], issuer: ['https://id.example'] };
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('Es256', () => {
  const es256 = new Es256(jose);
  let pair: jose.GenerateKeyPairResult;
  let token: string;

  const signed = (payload: jose.JWTPayload, header: object = {}): Promise<string> =>
    new jose.SignJWT(payload).setProtectedHeader({ alg: ES256, ...header }).sign(pair.privateKey);
  const claims = (more: object = {}): jose.JWTPayload => ({
    iss: 'https://id.example',
    exp: Math.floor(Date.now() / 1000) + 60,
    ...more,
  });
  const verified = async (text: string): Promise<unknown> => es256.verify(es256.read(text)!, pair.publicKey, OPTIONS);
  const codeOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'accepted',
      (error: unknown) => {
        const { code, claim } = error as jose.errors.JWTClaimValidationFailed;
        return [code, claim];
      },
    );

  beforeAll(async () => {
    pair = await jose.generateKeyPair(ES256);
    token = await signed(claims());
  });

  it('returns the same claims as jose, with a CryptoKey and with a KeyObject', async () => {
    const { payload } = await jose.jwtVerify(token, pair.publicKey, OPTIONS);
    expect(await verified(token)).toEqual(payload);
    expect(await es256.verify(es256.read(token)!, KeyObject.from(pair.publicKey), OPTIONS)).toEqual(payload);
  });

  it.each([
    ['expired', { exp: 1 }],
    ['without an expiry', { exp: undefined }],
    ['with text as the expiry', { exp: 'soon' }],
    ['of another issuer', { iss: 'https://evil.example' }],
    ['not valid yet', { nbf: 1e11 }],
  ])('refuses a token that is %s as jose does', async (_what, more) => {
    const bad = await signed(claims(more));
    const outcome = await codeOf(jose.jwtVerify(bad, pair.publicKey, OPTIONS));
    expect(outcome).not.toBe('accepted');
    expect(await codeOf(verified(bad))).toEqual(outcome);
  });

  it('refuses each part of another token', async () => {
    const parts = token.split('.');
    const others = (await signed(claims({ sub: 'mallory' }), { kid: 'x' })).split('.');
    for (const index of parts.keys()) {
      const mixed = parts.map((part, at) => (at === index ? others[at] : part)).join('.');
      expect(await codeOf(verified(mixed))).toEqual(['ERR_JWS_SIGNATURE_VERIFICATION_FAILED', undefined]);
    }
  });

  it('leaves tokens that ask for more to jose', () => {
    const [header = '', payload = '', signature = ''] = token.split('.');
    const withHeader = (value: object): string => `${encoded(value)}.${payload}.${signature}`;
    const others = [
      withHeader({ alg: 'none' }),
      withHeader({ alg: 'HS256' }),
      withHeader({ alg: ['ES256'] }),
      withHeader({ alg: ES256, crit: ['b64'], b64: false }),
      withHeader({ alg: ES256, crit: [] }),
      `${Buffer.from('no JSON').toString('base64url')}.${payload}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}.${signature}=`,
      `${header}.${payload}.${signature}A`,
      `${header}.${payload}\u0141.${signature}`,
      `${token}.${signature}`,
      `${token}\n`,
      '',
    ];
    for (const other of others) expect(es256.read(other)).toBeUndefined();
    expect(es256.read(token)).toBeDefined();
  });

  it('fits public keys of its curve alone', async () => {
    const [larger, rsa] = [await jose.generateKeyPair('ES384'), await jose.generateKeyPair('RS256')];
    expect(es256.fits(pair.publicKey)).toBe(true);
    const others = [
      larger.publicKey,
      rsa.publicKey,
      pair.privateKey,
      KeyObject.from(pair.privateKey),
      Buffer.alloc(32),
    ];
    for (const other of others) expect(es256.fits(other)).toBe(false);
  });
});

describe('Batches', () => {
  it('releases what waits together, in order, 32 in a turn of the event loop', async () => {
    const batches = new Batches();
    const done: number[] = [];
    const all = Array.from({ length: 40 }, (_, at) => batches.next().then(() => done.push(at)));
    await Promise.resolve();
    expect(done).toEqual([]);
    await all[31];
    expect(done).toEqual(Array.from({ length: 32 }, (_, at) => at));
    await Promise.all(all);
    expect(done).toEqual(Array.from({ length: 40 }, (_, at) => at));
  });
});
