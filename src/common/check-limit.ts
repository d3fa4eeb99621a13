import { DomainError } from './domain-error.js';

/**
 * Checks a configured bound.
 * @param what describes what is counted
 * @throws DomainError LIMIT_REACHED if there is more than the limit
 */
export function checkLimit(what: string, limit: number, actual: number): void {
  if (actual > limit) throw new DomainError('LIMIT_REACHED', { what, limit });
}
