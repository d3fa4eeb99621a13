import { DomainError } from '../common/domain-error.js';
import type { LimitOptions } from '../config/sections/limit.options.js';

/**
 * Checks the realm and the id under which a client is to be registered.
 * @throws DomainError INVALID_REQUEST, LIMIT_REACHED
 */
export function checkClientNames(realm: unknown, id: unknown, limits: LimitOptions): void {
  if (!isName(realm)) throw new DomainError('INVALID_REQUEST', { reason: 'realm must be a text that is not empty' });
  if (!isName(id)) throw new DomainError('INVALID_REQUEST', { reason: 'id must be a text that is not empty' });
  checkIdLength(id, limits);
}

/** @throws DomainError LIMIT_REACHED */
export function checkIdLength(id: string, { maxIdLength }: LimitOptions): void {
  if (id.length > maxIdLength) {
    throw new DomainError('LIMIT_REACHED', { what: 'characters of an id', limit: maxIdLength });
  }
}

/** Whether a value names a realm, a client or a room. An empty id stands for the server. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
