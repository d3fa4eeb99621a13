import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, type ApiResponseOptions, getSchemaPath } from '@nestjs/swagger';
import { DomainError, type DomainErrorCode } from '../common/domain-error.js';
import { RETRY_AFTER_SECONDS } from '../common/retry-after.js';
import { problemOfError } from './admin.errors.js';
import { Problem, problemOf } from './problem.js';

/** Descriptions of the statuses for all operations. */
const MEANINGS: Readonly<Record<number, string>> = {
  400: 'A parameter or the body is invalid',
  401: 'No valid token',
  403: 'The token is read-only, or bound to other realms',
  404: 'The resource does not exist, or the admin API is off',
  409: 'The request conflicts with the current state',
  413: 'The body is too large',
  429: 'Too many failed attempts from this address',
  500: 'Internal error; the log has the details',
  503: 'A node or the backplane does not respond, or the server is stopping',
};

const RETRY_AFTER = { description: 'Seconds after which a request may succeed', schema: { type: 'integer' as const } };

/** Problems of every operation. */
const OF_ALL = [
  problemOf('unauthorized', 'A valid bearer token is needed.'),
  problemOf('forbidden', 'This token is bound to other realms.'),
  problemOf('not-found', 'The admin API is off: no token is configured.'),
  problemOf('too-many-attempts'),
  problemOf('internal'),
  ofError('UNAVAILABLE', {}),
];

/** Examples of problems that several operations share. */
export const READ_ONLY = problemOf('forbidden', 'This token may only read.');
export const BODY_TOO_LARGE = problemOf('too-large', 'request entity too large');
export const UNKNOWN_PARAMETER = problemOf('bad-request', 'property relm should not exist');
export const LIMIT_TOO_SMALL = problemOf('bad-request', 'limit must not be less than 1');
export const DATA_MISSING = ofError('INVALID_REQUEST', { reason: 'data is missing' });
export const NO_SUCH_CLIENT = ofError('CLIENT_NOT_FOUND', { id: 'bob' });
export const NO_SUCH_ROOM = ofError('ROOM_NOT_FOUND', { room: 'lobby' });

/** Documents the problems of an operation, in addition to those of all operations, with an example for each. */
export function ApiProblems(...own: readonly Problem[]): MethodDecorator {
  const all = [...own, ...OF_ALL];
  return applyDecorators(
    ApiExtraModels(Problem),
    ...[...new Set(all.map(({ status }) => status))].map((status) =>
      ApiResponse(
        answer(
          status,
          all.filter((problem) => problem.status === status),
        ),
      ),
    ),
  );
}

/** Returns the problem for an example of a domain error. */
export function ofError<C extends DomainErrorCode>(code: C, data: DomainError<C>['data']): Problem {
  return problemOfError(new DomainError(code, data));
}

/** Returns the documentation of the problems with one status. */
function answer(status: number, problems: readonly Problem[]): ApiResponseOptions {
  const schema = { $ref: getSchemaPath(Problem) };
  const examples = Object.fromEntries(problems.map((value) => [value.detail ?? value.title, { value }]));
  const content = { 'application/problem+json': { schema, examples } };
  const headers = RETRY_AFTER_SECONDS[status] === undefined ? {} : { headers: { 'Retry-After': RETRY_AFTER } };
  return { status, description: MEANINGS[status], content, ...headers };
}
