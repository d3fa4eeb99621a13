import { ReadableFile } from '../file-rules.js';
import { HttpUrl, OneOrMoreFiles, OneOrMoreOf, OneOrMoreTexts } from '../member-rules.js';
import { Members } from '../members.js';
import { Flag, Integer, OneOf, Text } from '../rules.js';

const AUTH_MODES = ['none', 'jwt', 'webhook'] as const;
/** How clients prove who they are. */
export type AuthMode = 'none' | 'jwt' | 'webhook';

/** Signatures of a shared secret. */
export const SECRET_ALGORITHMS = ['HS256', 'HS384', 'HS512'] as const;
/** Signatures of a key pair. */
export const KEY_ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
] as const;

const DAY_S = 86_400;
const YEAR_S = 365 * DAY_S;

/** Secrets of 16 characters or more. */
export const SECRETS = { maxItems: 10, minLength: 16, maxLength: 4096 };

/** Checks of JSON Web Tokens. The keys come from exactly one of `jwksUrl`, `publicKeyFile`, and `secret` or `secretFile`. */
export class JwtOptions {
  @HttpUrl()
  readonly jwksUrl: string = '';

  /** PEM, or a JWK as JSON. */
  @ReadableFile()
  readonly publicKeyFile: string = '';

  @OneOrMoreTexts(SECRETS)
  readonly secret: readonly string[] = [];

  @OneOrMoreFiles()
  readonly secretFile: readonly string[] = [];

  /** The issuers that are accepted; empty accepts any. */
  @OneOrMoreTexts({ maxItems: 100, maxLength: 2048 })
  readonly issuer: readonly string[] = [];

  /** The audiences that are accepted; empty accepts any. */
  @OneOrMoreTexts({ maxItems: 100, maxLength: 2048 })
  readonly audience: readonly string[] = [];

  /** Empty: those that fit the key. */
  @OneOrMoreOf(...SECRET_ALGORITHMS, ...KEY_ALGORITHMS)
  readonly algorithms: readonly string[] = [];

  /** Seconds. */
  @Integer(0, 3600)
  readonly clockToleranceS: number = 5;

  /** Seconds since `iat` after which a token is refused; undefined: it must have `exp`. */
  @Integer(1, 10 * YEAR_S)
  readonly maxAgeS?: number;

  /** Seconds for which keys that were seen go on working while the JWKS server is away. */
  @Integer(0, YEAR_S)
  readonly jwksStaleS: number = DAY_S;

  /** Name of the claim with the members of an identity. */
  @Text({ minLength: 1, maxLength: 256 })
  readonly claim: string = 'signalbox';
}

/** An HTTP endpoint that decides about tokens. */
export class WebhookOptions {
  @HttpUrl()
  readonly url: string = '';

  /** Each secret signs the requests. Without any, here or in `secretFile`, requests are not signed. */
  @OneOrMoreTexts(SECRETS)
  readonly secret: readonly string[] = [];

  @OneOrMoreFiles()
  readonly secretFile: readonly string[] = [];

  @Integer(1, 60_000)
  readonly timeoutMs: number = 2000;

  /** Seconds for which an answer is cached; 0: never. */
  @Integer(0, DAY_S)
  readonly cacheS: number = 0;

  /** Maximum number of requests at the same time. */
  @Integer(1, 10_000)
  readonly maxConcurrent: number = 100;
}

/** Who may connect. */
export class AuthOptions {
  @OneOf(...AUTH_MODES)
  readonly mode: AuthMode = 'none';

  /** Whether a client without a token is refused. */
  @Flag()
  readonly required: boolean = true;

  @Members(JwtOptions)
  readonly jwt?: JwtOptions;

  @Members(WebhookOptions)
  readonly webhook?: WebhookOptions;
}
