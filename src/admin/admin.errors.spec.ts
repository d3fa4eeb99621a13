import { DomainError, type DomainErrorCode, HTTP_STATUS } from '../common/domain-error.js';
import { problemOfError } from './admin.errors.js';

describe('the problems of domain errors', () => {
  it.each(Object.keys(HTTP_STATUS) as DomainErrorCode[])('have the status of %s, or are internal', (code) => {
    const error = new DomainError(code, {});
    expect([error.status, 500]).toContain(problemOfError(error).status);
  });
});
