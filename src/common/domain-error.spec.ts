import { DomainError, HTTP_STATUS } from './domain-error.js';

describe('DomainError', () => {
  it('carries the HTTP status of its code in the form of http-errors', () => {
    const { status, statusCode, expose, message } = new DomainError('ROOM_NOT_FOUND', { room: 'r' });
    expect({ status, statusCode, expose, message }).toEqual({ status: 404, statusCode: 404, expose: true, message: 'ROOM_NOT_FOUND' }); // prettier-ignore
  });

  it('has a status of an error for every code', () => {
    for (const status of Object.values(HTTP_STATUS)) expect([400, 401, 403, 404, 409, 429, 500, 503]).toContain(status);
  });
});
