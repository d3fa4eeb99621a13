import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';
import { atTeardown } from './teardown.js';

export const ISSUER = 'https://id.example';
export const AUDIENCE = 'signalbox';

/** Seconds since 1970. */
export function seconds(inS = 0): number {
  return Math.floor(Date.now() / 1000) + inS;
}

/** A key pair that signs tokens. */
export class SigningKey {
  private constructor(
    readonly kid: string,
    readonly alg: string,
    readonly privateKey: CryptoKey,
    readonly publicKey: CryptoKey,
    /** The public key. */
    readonly jwk: JWK,
  ) {}

  static async create(kid: string, alg = 'ES256'): Promise<SigningKey> {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    return new SigningKey(kid, alg, privateKey, publicKey, { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' });
  }

  /** @param claims undefined members are left out. The default token is valid for an hour */
  token(claims: object = {}, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
    const all = { iss: ISSUER, aud: AUDIENCE, sub: 'alice', exp: seconds(3600), ...claims };
    return new SignJWT(JSON.parse(JSON.stringify(all)) as object as Record<string, unknown>)
      .setProtectedHeader({ alg: this.alg, kid: this.kid, ...header })
      .sign(this.privateKey);
  }
}

/** Signs a token with a shared secret. */
export function secretToken(secret: string, claims: object = {}, alg = 'HS256'): Promise<string> {
  const all = { sub: 'alice', exp: seconds(3600), ...claims };
  return new SignJWT(JSON.parse(JSON.stringify(all)) as object as Record<string, unknown>)
    .setProtectedHeader({ alg })
    .sign(Buffer.from(secret));
}

/** Makes a token of any parts, without a library that would refuse to. */
export function forged(header: unknown, payload: unknown, signature = ''): string {
  const part = (value: unknown): string =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(payload)}.${signature}`;
}

/** An HTTP server of a test, which may be hostile. It counts its requests, and is closed after the test. */
export class Backend {
  requests = 0;
  /** Answers the requests. */
  answer: RequestListener = (_, response) => response.end();

  private constructor(readonly url: string) {}

  static async start(answer: RequestListener): Promise<Backend> {
    const server = createServer((request, response) => {
      backend.requests++;
      backend.answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const backend = new Backend(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    backend.answer = answer;
    atTeardown(() => {
      server.closeAllConnections();
      server.close();
    });
    return backend;
  }

  /** Answers with a text from now on. */
  says(text: unknown, status = 200, headers: Record<string, string> = {}): void {
    this.answer = (_, response) => {
      response.writeHead(status, headers).end(typeof text === 'string' ? text : JSON.stringify(text));
    };
  }

  /** Closes each connection without an answer from now on. */
  isAway(): void {
    this.answer = (request) => request.socket.destroy();
  }

  /** Accepts requests, and never answers them, from now on. */
  hangs(): void {
    this.answer = () => undefined;
  }
}

/** A server with the public keys of an issuer. */
export async function startJwks(...keys: readonly SigningKey[]): Promise<Backend> {
  const backend = await Backend.start(() => undefined);
  backend.says(jwksOf(...keys));
  return backend;
}

export function jwksOf(...keys: readonly SigningKey[]): { keys: JWK[] } {
  return { keys: keys.map(({ jwk }) => jwk) };
}
