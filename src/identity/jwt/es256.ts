import { KeyObject, verify, type VerifyKeyObjectInput } from 'node:crypto';
import { types } from 'node:util';
import type * as Jose from 'jose';
import { Batches } from './batches.js';

export const ES256 = 'ES256';
/** Three parts in base64url, the last one of 64 bytes: the size of all signatures of this algorithm. */
const TOKEN = /^([\w-]+)\.([\w-]+)\.([\w-]{85}[AQgw])$/;
/** How `jose` names a header without a signature: it reads the claims behind it alone. */
const UNSECURED = Buffer.from('{"alg":"none"}').toString('base64url');

/** A token whose header asks for ES256 and nothing else that changes how it is checked. */
export interface Es256Token {
  readonly header: Jose.JWTHeaderParameters;
  readonly jws: Readonly<Record<'protected' | 'payload' | 'signature', string>>;
}

/**
 * Checks signatures of the most common algorithm on the main thread, because the way to the threads of WebCrypto, which
 * `jose` uses, and back costs a third of the check. All other tokens are for `jose`.
 */
export class Es256 {
  /** Keys in the form that `verify` takes; undefined for those of other algorithms. */
  private readonly inputs = new WeakMap<KeyObject | Jose.CryptoKey, VerifyKeyObjectInput | undefined>();

  private readonly batches = new Batches();

  constructor(private readonly jose: typeof Jose) {}

  /** Returns the parts of a token; undefined if `jose` must check it. */
  read(token: string): Es256Token | undefined {
    const [, protectedHeader, payload, signature] = TOKEN.exec(token) ?? [];
    if (protectedHeader === undefined || payload === undefined || signature === undefined) return undefined;
    const header = this.headerOf(token);
    if (header?.alg !== ES256 || 'crit' in header) return undefined;
    return { header: { ...header, alg: ES256 }, jws: { protected: protectedHeader, payload, signature } };
  }

  /** Whether the key is one of this algorithm. */
  fits(key: unknown): key is KeyObject | Jose.CryptoKey {
    return (types.isKeyObject(key) || types.isCryptoKey(key)) && this.inputOf(key) !== undefined;
  }

  /**
   * Returns the claims of a token. OpenSSL reads 150 KB of tables for each signature: checks that follow each other find
   * them in the processor's cache, so those of two milliseconds wait for each other.
   * @throws JWSSignatureVerificationFailed; JWTInvalid, JWTExpired or JWTClaimValidationFailed for its claims
   */
  async verify(
    { jws }: Es256Token,
    key: KeyObject | Jose.CryptoKey,
    options: Jose.JWTVerifyOptions,
  ): Promise<Jose.JWTPayload> {
    await this.batches.next();
    const input = this.inputOf(key);
    const signed = Buffer.from(`${jws.protected}.${jws.payload}`);
    const isSigned = input && verify('sha256', signed, input, Buffer.from(jws.signature, 'base64url'));
    if (!isSigned) throw new this.jose.errors.JWSSignatureVerificationFailed();
    return this.jose.UnsecuredJWT.decode(`${UNSECURED}.${jws.payload}.`, options).payload;
  }

  private headerOf(token: string): Jose.ProtectedHeaderParameters | undefined {
    try {
      return this.jose.decodeProtectedHeader(token);
    } catch (error) {
      // Not a header in JSON.
      if (error instanceof TypeError) return undefined;
      throw error;
    }
  }

  private inputOf(key: KeyObject | Jose.CryptoKey): VerifyKeyObjectInput | undefined {
    if (!this.inputs.has(key)) this.inputs.set(key, inputFor(key));
    return this.inputs.get(key);
  }
}

function inputFor(key: KeyObject | Jose.CryptoKey): VerifyKeyObjectInput | undefined {
  if (!(key instanceof KeyObject)) {
    if (!key.usages.includes('verify') || key.algorithm.name !== 'ECDSA') return undefined;
    return inputFor(KeyObject.from(key));
  }
  const isP256 = key.type === 'public' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  return isP256 ? { key, dsaEncoding: 'ieee-p1363' } : undefined;
}
