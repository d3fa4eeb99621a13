import type * as Jose from 'jose';
import { isDomainError } from '../../common/domain-error.js';
import type { AuthReason } from '../auth-reasons.js';

const BY_CODE: Readonly<Record<string, AuthReason>> = {
  ERR_JOSE_ALG_NOT_ALLOWED: 'algorithm',
  ERR_JOSE_NOT_SUPPORTED: 'unsupported',
  ERR_JWKS_NO_MATCHING_KEY: 'key',
  ERR_JWK_INVALID: 'key',
  ERR_JWKS_INVALID: 'key',
  ERR_JWS_INVALID: 'malformed',
  ERR_JWT_INVALID: 'malformed',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'signature',
};

const BY_CLAIM: Readonly<Record<string, AuthReason>> = {
  iss: 'issuer',
  aud: 'audience',
  nbf: 'not_yet_valid',
  iat: 'not_yet_valid',
};

/** Name of the error of WebCrypto for a key that it cannot read. */
const DATA_ERROR = 'DataError';

/** Whether a key cannot be read, is too weak, or does not fit the algorithm of the token. */
export function isKeyFault(error: unknown): boolean {
  return error instanceof TypeError || (error as Partial<Error> | null)?.name === DATA_ERROR;
}

/**
 * Returns why `jose` has refused a token.
 * @throws the error itself if it does not speak of the token
 */
export function reasonOf(error: unknown): AuthReason {
  if (isKeyFault(error)) return 'key';
  if (isDomainError(error) || !(error instanceof Error)) throw error;
  const { code, claim = '', reason } = error as Partial<Jose.errors.JWTClaimValidationFailed>;
  if (code === 'ERR_JWT_EXPIRED') return claim === 'exp' ? 'expired' : 'too_old';
  if (code === 'ERR_JWT_CLAIM_VALIDATION_FAILED') {
    if (reason === 'invalid') return 'claims';
    if (reason === 'missing' && (claim === 'exp' || claim === 'iat')) return 'no_expiry';
    return BY_CLAIM[claim] ?? 'claims';
  }
  const known = BY_CODE[code ?? ''];
  if (known === undefined) throw error;
  return known;
}
