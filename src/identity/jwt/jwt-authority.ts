import type * as Jose from 'jose';
import type { ConnectAttempt } from '../../common/identity.js';
import { ConfigError } from '../../config/load-config.js';
import type { JwtOptions } from '../../config/sections/auth.options.js';
import { refuse } from '../auth-reasons.js';
import { type Claims, readClaims } from '../claims.js';
import type { TokenAuthority } from '../token-authority.js';
import { Troubles, type WarningLog } from '../troubles.js';
import { ES256, Es256 } from './es256.js';
import { Jwks } from './jwks.js';
import { isKeyFault, reasonOf } from './jwt-faults.js';
import { type JwtKey, type JwtKeys, keysOf } from './jwt-keys.js';

const SECOND_MS = 1000;
/** Maximum length of a token. */
const MAX_LENGTH = 16_384;

/** Checks JSON Web Tokens. */
export class JwtAuthority implements TokenAuthority {
  private readonly verification: Jose.JWTVerifyOptions;
  /** Undefined if the algorithm is not allowed. */
  private readonly es256?: Es256;

  private constructor(
    private readonly jose: typeof Jose,
    private readonly options: JwtOptions,
    private readonly keys: JwtKeys['keys'],
    algorithms: readonly string[],
    private readonly jwks?: Jwks,
  ) {
    const { issuer, audience, clockToleranceS, maxAgeS } = options;
    if (algorithms.includes(ES256)) this.es256 = new Es256(jose);
    this.verification = {
      algorithms: [...algorithms],
      clockTolerance: clockToleranceS,
      ...(issuer.length > 0 && { issuer: [...issuer] }),
      ...(audience.length > 0 && { audience: [...audience] }),
      ...(maxAgeS === undefined ? { requiredClaims: ['exp'] } : { maxTokenAge: maxAgeS }),
    };
  }

  /**
   * Reads the keys, and starts to fetch those at a URL.
   * @throws ConfigError without a usable key
   */
  static async create(options: JwtOptions | undefined, log: WarningLog): Promise<JwtAuthority> {
    if (!options) throw new ConfigError(['auth.jwt must be given with auth.mode jwt']);
    // Imported only now: most servers check no tokens.
    const jose = await import('jose');
    const { jwksUrl, jwksStaleS } = options;
    if (jwksUrl === '') {
      const { keys, algorithms } = keysOf(options);
      return new JwtAuthority(jose, options, keys, algorithms);
    }
    const jwks = new Jwks(jose, jwksUrl, jwksStaleS * SECOND_MS, new Troubles(log, 'the JWKS server', jwksUrl));
    const { keys, algorithms } = keysOf(options, jwks.find);
    jwks.start();
    return new JwtAuthority(jose, options, keys, algorithms, jwks);
  }

  hasProof({ token }: ConnectAttempt): boolean {
    return token !== undefined && token !== '';
  }

  async verify({ token = '' }: ConnectAttempt): Promise<Claims> {
    if (token.length > MAX_LENGTH) refuse('malformed');
    const payload = await this.payloadOf(token).catch((error: unknown) => refuse(reasonOf(error)));
    return readClaims(payload, this.options.claim, this.expiryOf(payload));
  }

  close(): void {
    this.jwks?.close();
  }

  private async payloadOf(token: string): Promise<Jose.JWTPayload> {
    const { keys } = this;
    if (typeof keys !== 'function') return this.payloadWithOneOf(keys, token);
    try {
      return await this.payloadWith(keys, token);
    } catch (error) {
      // The token names no key, and several would fit.
      if (error instanceof this.jose.errors.JWKSMultipleMatchingKeys) return this.payloadWithOneOf(error, token);
      throw error;
    }
  }

  /**
   * Tries the keys one after the other, without those that cannot be used.
   * @throws JWSSignatureVerificationFailed if the signature fits none of the keys
   */
  private async payloadWithOneOf(
    keys: Iterable<JwtKey> | AsyncIterable<Jose.CryptoKey>,
    token: string,
  ): Promise<Jose.JWTPayload> {
    const { JWSSignatureVerificationFailed } = this.jose.errors;
    for await (const key of keys) {
      try {
        return await this.payloadWith(key, token);
      } catch (error) {
        if (!(error instanceof JWSSignatureVerificationFailed) && !isKeyFault(error)) throw error;
      }
    }
    throw new JWSSignatureVerificationFailed();
  }

  private async payloadWith(
    source: JwtKey | Jose.CryptoKey | Jose.JWTVerifyGetKey,
    token: string,
  ): Promise<Jose.JWTPayload> {
    const read = this.es256?.read(token);
    if (this.es256 && read) {
      const key = typeof source === 'function' ? await source(read.header, read.jws) : source;
      if (this.es256.fits(key)) return this.es256.verify(read, key, this.verification);
    }
    const getKey = typeof source === 'function' ? source : () => source;
    return (await this.jose.jwtVerify(token, getKey, this.verification)).payload;
  }

  /** Returns the earlier one of the token's own expiry and the end of its maximum age. */
  private expiryOf({ exp = Infinity, iat = Infinity }: Jose.JWTPayload): number {
    const { maxAgeS = Infinity } = this.options;
    return Math.min(exp, iat + maxAgeS) * SECOND_MS;
  }
}
