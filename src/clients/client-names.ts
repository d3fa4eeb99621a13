import { checkLimit } from '../common/check-limit.js';
import { DomainError } from '../common/domain-error.js';
import type { LimitOptions } from '../config/sections/limit.options.js';

/**
 * Checks the realm and the id under which a client is to be registered.
 * @throws DomainError INVALID_REQUEST, LIMIT_REACHED
 */
export function checkClientNames(realm: unknown, id: unknown, limits: LimitOptions): void {
  checkName('realm', realm);
  checkName('id', id);
  checkIdLength(id, limits);
}

/**
 * Checks the name of a realm, a client or a room.
 * @param what the name of the parameter
 * @throws DomainError INVALID_REQUEST
 */
export function checkName(what: string, value: unknown): asserts value is string {
  if (!isName(value)) throw new DomainError('INVALID_REQUEST', { reason: `${what} must be a text that is not empty` });
}

/** @throws DomainError LIMIT_REACHED */
export function checkIdLength(id: string, { maxIdLength }: LimitOptions): void {
  checkLimit('characters of an id', maxIdLength, id.length);
}

/** Whether a value names a realm, a client or a room. An empty id stands for the server. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
