import type { SignalKind } from './signal.js';

/** The data of an error whose code says it all. */
type NoData = Readonly<Record<string, never>>;

/** What each domain error carries. The keys are the closed list of codes; each protocol maps all of them to its own words. */
export interface DomainErrorData {
  /** What a client needs to show when it connects is missing. */
  CREDENTIALS_MISSING: NoData;
  /** The realm that a client wants is not served. */
  REALM_UNKNOWN: NoData;
  /** The client may not do this. */
  NOT_AUTHORIZED: NoData;
  /** As many clients as there may be are connected. */
  CLIENTS_LIMIT_REACHED: { limit: number };
  /** The target of a signal is not connected. */
  CLIENT_NOT_FOUND: { id: string };
  /** The id belongs to another connected client. */
  ID_TAKEN: { id: string };
  ROOM_NOT_FOUND: { room: string };
  ROOM_EXISTS: { room: string };
  ALREADY_IN_ROOM: { room: string };
  NOT_IN_ROOM: { room: string };
  /** Only the creator, while it is a member, may end a room. */
  NOT_ROOM_CREATOR: { room: string };
  /** Not a frame of the protocol at all. */
  INVALID_MESSAGE: { reason: string };
  /** A frame of a known kind with missing or wrong fields. */
  INVALID_REQUEST: { reason: string };
  /** A frame of a kind that the protocol does not have. */
  UNKNOWN_EVENT: { event: string };
  /** The protocol of the target has no word for signals of this kind. */
  UNSUPPORTED_BY_TARGET: { kind: SignalKind };
  /** A configured bound is reached; `what` names it in words, `limit` is its value. */
  LIMIT_REACHED: { what: string; limit: number };
  /** One sender's share of what may wait for a client, or for the members of a room, is used up. */
  TARGET_BUSY: { id: string };
  /** More frames than the configured rate; the connection is closed after this. */
  RATE_EXCEEDED: { framesPerSecond: number };
  /** The backplane cannot be reached. */
  UNAVAILABLE: NoData;
  /** Anything else. Its cause is logged and never leaves the server. */
  INTERNAL: NoData;
}

export type DomainErrorCode = keyof DomainErrorData;

/** A refusal that a client is told about, in words of the domain; its wire text is the protocol's. */
export class DomainError<C extends DomainErrorCode = DomainErrorCode> extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: C,
    readonly data: DomainErrorData[C],
    options?: ErrorOptions,
  ) {
    // To collect a stack takes as long as to handle a small frame, and a refusal needs none: INTERNAL has that of its cause.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(code, options);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

export function isDomainError(error: unknown): error is DomainError {
  return error instanceof DomainError;
}

/** Whatever was thrown as a refusal; what is none of the domain's is INTERNAL, with its cause. */
export function asDomainError(error: unknown): DomainError {
  return isDomainError(error) ? error : new DomainError('INTERNAL', {}, { cause: error });
}

/** Whether the reason is that a sender has filled its share of what may wait for its target. */
export function isBusy(error: unknown): boolean {
  return isDomainError(error) && error.code === 'TARGET_BUSY';
}

/** Whether the reason is that the backplane cannot be reached. */
export function isUnavailable(error: unknown): boolean {
  return isDomainError(error) && error.code === 'UNAVAILABLE';
}

/** Exhaustive translation of domain errors: a forgotten code does not compile. */
export type DomainErrorTable<T> = { readonly [C in DomainErrorCode]: (data: DomainErrorData[C]) => T };

/** Looks an error up in a table. */
export function translate<T>(error: DomainError, table: DomainErrorTable<T>): T {
  const entry = table[error.code] as (data: DomainErrorData[DomainErrorCode]) => T;
  return entry(error.data);
}
