import { HttpStatus } from '@nestjs/common';
import type { SignalKind } from './signal.js';

/** Data of an error that needs none beside its code. */
export type NoData = Readonly<Record<string, never>>;

/**
 * The data of each domain error. Its keys are the closed list of codes, and each protocol maps all of them to its own
 * words.
 */
export interface DomainErrorData {
  /** A request to connect lacks credentials. */
  CREDENTIALS_MISSING: NoData;
  /** The server does not serve the requested realm. */
  REALM_UNKNOWN: NoData;
  /** A client has no valid token. `reason` is for the log and the metrics alone, and never leaves the server. */
  UNAUTHENTICATED: { reason: string };
  /** The client may not do this. `reason` is for the log and the metrics alone, and never leaves the server. */
  NOT_AUTHORIZED: { reason?: string };
  /** The maximum number of clients is connected. */
  CLIENTS_LIMIT_REACHED: { limit: number };
  /** The target of a signal is not connected. */
  CLIENT_NOT_FOUND: { id: string };
  /** Another connected client has the id. */
  ID_TAKEN: { id: string };
  ROOM_NOT_FOUND: { room: string };
  ROOM_EXISTS: { room: string };
  ALREADY_IN_ROOM: { room: string };
  NOT_IN_ROOM: { room: string };
  /** Only its creator may end a room, as long as it is a member. */
  NOT_ROOM_CREATOR: { room: string };
  /** Not a frame of the protocol. */
  INVALID_MESSAGE: { reason: string };
  /**
   * A frame of a known kind with missing or invalid fields. `code` is the protocol's own code for the fault, if it has
   * one.
   */
  INVALID_REQUEST: { reason: string; code?: string };
  /** A frame of an unknown kind. */
  UNKNOWN_EVENT: { event: string };
  /** The target's protocol has no message for signals of this kind. */
  UNSUPPORTED_BY_TARGET: { kind: SignalKind };
  /** A configured bound is reached: `what` describes it, `limit` is its value. */
  LIMIT_REACHED: { what: string; limit: number };
  /** The sender has filled its share of the pending bytes of a client, or of members of a room. */
  TARGET_BUSY: { id: string };
  /** The client has sent more frames than the configured rate allows. The connection is closed after this. */
  RATE_EXCEEDED: { framesPerSecond: number };
  /** The backplane cannot be reached. */
  UNAVAILABLE: NoData;
  /** Any other error. Its cause is logged and never leaves the server. */
  INTERNAL: NoData;
}

export type DomainErrorCode = keyof DomainErrorData;

/** The HTTP status for each code, where an HTTP request has caused the error. */
export const HTTP_STATUS: Readonly<Record<DomainErrorCode, HttpStatus>> = {
  CREDENTIALS_MISSING: HttpStatus.UNAUTHORIZED,
  UNAUTHENTICATED: HttpStatus.UNAUTHORIZED,
  REALM_UNKNOWN: HttpStatus.NOT_FOUND,
  NOT_AUTHORIZED: HttpStatus.FORBIDDEN,
  CLIENTS_LIMIT_REACHED: HttpStatus.CONFLICT,
  CLIENT_NOT_FOUND: HttpStatus.NOT_FOUND,
  ID_TAKEN: HttpStatus.CONFLICT,
  ROOM_NOT_FOUND: HttpStatus.NOT_FOUND,
  ROOM_EXISTS: HttpStatus.CONFLICT,
  ALREADY_IN_ROOM: HttpStatus.CONFLICT,
  NOT_IN_ROOM: HttpStatus.NOT_FOUND,
  NOT_ROOM_CREATOR: HttpStatus.FORBIDDEN,
  INVALID_MESSAGE: HttpStatus.BAD_REQUEST,
  INVALID_REQUEST: HttpStatus.BAD_REQUEST,
  UNKNOWN_EVENT: HttpStatus.BAD_REQUEST,
  UNSUPPORTED_BY_TARGET: HttpStatus.CONFLICT,
  LIMIT_REACHED: HttpStatus.CONFLICT,
  TARGET_BUSY: HttpStatus.TOO_MANY_REQUESTS,
  RATE_EXCEEDED: HttpStatus.TOO_MANY_REQUESTS,
  UNAVAILABLE: HttpStatus.SERVICE_UNAVAILABLE,
  INTERNAL: HttpStatus.INTERNAL_SERVER_ERROR,
};

/**
 * An error that is reported to a client. Each protocol has its own wire text for it. Nest's default exception filter
 * and Express answer it with its HTTP status, because it has the members of an `http-errors` error.
 */
export class DomainError<C extends DomainErrorCode = DomainErrorCode> extends Error {
  override readonly name = 'DomainError';
  /** An HTTP response may contain the message, which is the code. */
  readonly expose = true;

  constructor(
    readonly code: C,
    readonly data: DomainErrorData[C],
    options?: ErrorOptions,
  ) {
    // Collecting a stack takes as long as handling a small frame, and is not needed: INTERNAL has the stack of its
    // cause.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(code, options);
    Error.stackTraceLimit = stackTraceLimit;
  }

  /** HTTP status of the code. */
  get status(): number {
    return HTTP_STATUS[this.code];
  }

  /** As `status`. */
  get statusCode(): number {
    return this.status;
  }
}

export function isDomainError(error: unknown): error is DomainError {
  return error instanceof DomainError;
}

/** Returns a domain error as it is, and any other error as the cause of INTERNAL. */
export function asDomainError(error: unknown): DomainError {
  return isDomainError(error) ? error : new DomainError('INTERNAL', {}, { cause: error });
}

/** Whether a client may not do what it wants. */
export function isNotAuthorized(error: unknown): error is DomainError<'NOT_AUTHORIZED'> {
  return isDomainError(error) && error.code === 'NOT_AUTHORIZED';
}

/** Whether a token is missing or bad. */
export function isUnauthenticated(error: unknown): error is DomainError<'UNAUTHENTICATED'> {
  return isDomainError(error) && error.code === 'UNAUTHENTICATED';
}

/** Whether the sender has filled its share of its target's pending bytes. */
export function isBusy(error: unknown): boolean {
  return isDomainError(error) && error.code === 'TARGET_BUSY';
}

/** Whether the backplane cannot be reached. */
export function isUnavailable(error: unknown): boolean {
  return isDomainError(error) && error.code === 'UNAVAILABLE';
}

/** A translation of all domain errors. A table without one of the codes does not compile. */
export type DomainErrorTable<T> = { readonly [C in DomainErrorCode]: (data: DomainErrorData[C]) => T };

/** Translates an error by a table. */
export function translate<T>(error: DomainError, table: DomainErrorTable<T>): T {
  const entry = table[error.code] as (data: DomainErrorData[DomainErrorCode]) => T;
  return entry(error.data);
}
