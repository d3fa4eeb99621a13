import { type DomainError, type DomainErrorTable, translate } from '../common/domain-error.js';
import { type Problem, problemOf } from './problem.js';

const internal = (): Problem => problemOf('internal');

/** The problem for each domain error. */
const ADMIN_ERRORS: DomainErrorTable<Problem> = {
  CREDENTIALS_MISSING: () => problemOf('unauthorized'),
  UNAUTHENTICATED: () => problemOf('unauthorized'),
  NOT_AUTHORIZED: () => problemOf('forbidden'),
  REALM_UNKNOWN: () => problemOf('not-found', 'There is no such realm.'),
  CLIENTS_LIMIT_REACHED: ({ limit }) => problemOf('limit-reached', `No more than ${limit} clients are allowed.`),
  CLIENT_NOT_FOUND: ({ id }) => problemOf('not-found', `There is no client ${JSON.stringify(id)}.`),
  ID_TAKEN: internal,
  ROOM_NOT_FOUND: ({ room }) => problemOf('not-found', `There is no room ${JSON.stringify(room)}.`),
  ROOM_EXISTS: ({ room }) => problemOf('room-exists', `There is a room ${JSON.stringify(room)} already.`),
  ALREADY_IN_ROOM: internal,
  NOT_IN_ROOM: ({ room }) => problemOf('not-a-member', `The client is not in the room ${JSON.stringify(room)}.`),
  NOT_ROOM_CREATOR: internal,
  INVALID_MESSAGE: ({ reason }) => problemOf('bad-request', reason),
  INVALID_REQUEST: ({ reason }) => problemOf('bad-request', reason),
  UNKNOWN_EVENT: internal,
  UNSUPPORTED_BY_TARGET: ({ kind }) => problemOf('not-supported-by-client', `The client's protocol has no ${kind}.`),
  LIMIT_REACHED: ({ what, limit }) => problemOf('limit-reached', `No more than ${limit} ${what} are allowed.`),
  TARGET_BUSY: internal,
  RATE_EXCEEDED: internal,
  UNAVAILABLE: () => problemOf('unavailable', 'A node or the backplane does not answer.'),
  INTERNAL: internal,
};

/** Returns the problem for a domain error. */
export function problemOfError(error: DomainError): Problem {
  return translate(error, ADMIN_ERRORS);
}
