import {
  DomainError,
  type DomainErrorCode,
  type DomainErrorData,
  type DomainErrorTable,
  translate,
} from '../common/domain-error.js';

/** Data of each domain error, as an example. */
const EXAMPLES: DomainErrorData = {
  CREDENTIALS_MISSING: {},
  REALM_UNKNOWN: {},
  UNAUTHENTICATED: { reason: 'expired' },
  NOT_AUTHORIZED: {},
  CLIENTS_LIMIT_REACHED: { limit: 5000 },
  CLIENT_NOT_FOUND: { id: 'bob' },
  ID_TAKEN: { id: 'alice' },
  ROOM_NOT_FOUND: { room: 'lobby' },
  ROOM_EXISTS: { room: 'lobby' },
  ALREADY_IN_ROOM: { room: 'lobby' },
  NOT_IN_ROOM: { room: 'lobby' },
  NOT_ROOM_CREATOR: { room: 'lobby' },
  INVALID_MESSAGE: { reason: "'event' field not found" },
  INVALID_REQUEST: { reason: "'to' field not found" },
  UNKNOWN_EVENT: { event: 'Dance' },
  UNSUPPORTED_BY_TARGET: { kind: 'message' },
  LIMIT_REACHED: { what: 'rooms', limit: 100 },
  TARGET_BUSY: { id: 'bob' },
  RATE_EXCEEDED: { framesPerSecond: 100 },
  UNAVAILABLE: {},
  INTERNAL: {},
};

/** Returns what a protocol answers to errors of all codes, each answer once. */
export function answersTo<T>(table: DomainErrorTable<T>): Exclude<T, undefined>[] {
  const codes = Object.keys(EXAMPLES) as DomainErrorCode[];
  const answers = codes.map((code) => translate(new DomainError(code, EXAMPLES[code]), table));
  const distinct = new Map(answers.map((answer) => [JSON.stringify(answer), answer]));
  return [...distinct.values()].filter((answer): answer is Exclude<T, undefined> => answer !== undefined);
}
