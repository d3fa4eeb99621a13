import { DomainError } from '../common/domain-error.js';

/** Why a client is not authenticated, as logs and metrics name it. Never shown to the client. */
export type AuthReason =
  /** There is no token. */
  | 'missing'
  | 'malformed'
  | 'algorithm'
  /** No key fits the token. */
  | 'key'
  | 'signature'
  | 'issuer'
  | 'audience'
  | 'expired'
  | 'not_yet_valid'
  /** There is no `exp`, and no option bounds the age of tokens. */
  | 'no_expiry'
  | 'too_old'
  /** The token needs an extension (`crit`). */
  | 'unsupported'
  /** A claim has an invalid value. */
  | 'claims'
  /** The token is for another realm. */
  | 'realm'
  /** The token of a renewal is of another user or id. */
  | 'subject'
  | 'id'
  /** The webhook, or the application, has refused it. */
  | 'webhook'
  | 'hook';

/** @throws DomainError UNAUTHENTICATED */
export function refuse(reason: AuthReason, options?: ErrorOptions): never {
  throw new DomainError('UNAUTHENTICATED', { reason }, options);
}
