import { isDomainError } from '../common/domain-error.js';
import { LimitOptions } from '../config/sections/limit.options.js';
import { checkClientNames } from './client-names.js';

function codeFor(realm: unknown, id: unknown): string {
  try {
    checkClientNames(realm, id, Object.assign(new LimitOptions(), { maxIdLength: 3 }));
    return 'accepted';
  } catch (error) {
    return isDomainError(error) ? error.code : String(error);
  }
}

describe('checkClientNames', () => {
  it.each([
    ['default', 'ann', 'accepted'],
    ['default', 'anna', 'LIMIT_REACHED'],
    ['default', '', 'INVALID_REQUEST'],
    ['default', undefined, 'INVALID_REQUEST'],
    ['', 'ann', 'INVALID_REQUEST'],
    [null, 'ann', 'INVALID_REQUEST'],
  ])('answers the realm %j and the id %j with %s', (realm, id, outcome) => {
    expect(codeFor(realm, id)).toBe(outcome);
  });
});
