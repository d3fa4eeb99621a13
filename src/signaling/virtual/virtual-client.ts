import type { DomainError } from '../../common/domain-error.js';
import type { EndReason } from '../../common/end-reason.js';
import type { Room, RoomChange } from '../../common/room.js';
import type { SignalKind } from '../../common/signal.js';

/** A signal that a virtual client has received. */
export interface ReceivedSignal {
  /** `expire` reports that an earlier signal of this client did not reach the client `from` in time. */
  readonly kind: SignalKind;
  /** Id of the sender; empty if the server itself is the sender. */
  readonly from: string;
  /** Id of the room to which it was sent. */
  readonly room?: string;
  /** The sender's name for the message, in protocols whose messages have a type (`msgType` of EasyRTC). */
  readonly type?: string;
  /** The parsed JSON of the payload, with a Buffer for each binary part; absent if the sender sent none. */
  readonly payload?: unknown;
}

/** Kinds of signals that a client can send. */
export type SentKind = Exclude<SignalKind, 'expire' | 'notice'>;

/** A signal that a virtual client sends to a client or to all other members of a room. */
export type SentSignal = {
  readonly kind: SentKind;
  /** The name of a `message`, for receivers whose protocol has one (`msgType` of EasyRTC). Others ignore it. */
  readonly type?: string;
  /** Any value that JSON can represent; absent for none. */
  readonly payload?: unknown;
} & (
  | { /** Id of the receiver. */ readonly to: string; readonly room?: undefined }
  | { /** Id of the room. */ readonly room: string; readonly to?: undefined }
);

/**
 * The callbacks of a virtual client. They run one at a time, in order: if one returns a promise, the next one waits
 * until it is settled. Errors are logged and affect nothing else.
 */
export interface VirtualClientListener {
  /** Receives the signals to the client, and those to its rooms. */
  onSignal?(signal: ReceivedSignal): unknown;
  /** Receives the changes of the client's rooms, its own joining included and its own `leave` excluded. */
  onRoomChange?(change: RoomChange): unknown;
  /** Receives the error of a signal that was sent and could not be delivered later. Without it, the error is logged. */
  onError?(error: DomainError): unknown;
  /**
   * Called once if the client ends for another reason than its own `close`, such as `removed` or `server shutdown`. Its
   * id is free by then. A shutdown waits for a promise that it returns, up to `shutdownTimeoutMs`.
   */
  onEnd?(reason: EndReason): unknown;
}

/** Describes a virtual client. */
export interface VirtualClientOptions extends VirtualClientListener {
  readonly realm: string;
  readonly id: string;
  /**
   * Name of the protocol whose kinds of signals the client has, and under which it is listed. Without it, the client
   * accepts every kind, and is listed as `virtual`.
   */
  readonly protocol?: string;
}

/**
 * A client without a connection, which the application operates. `send`, `join` and `leave` take effect in the order of
 * their calls, and reject with CLIENT_NOT_FOUND once the client has ended.
 */
export interface VirtualClient {
  readonly realm: string;
  readonly id: string;
  readonly protocol: string;

  /**
   * Sends a signal. A promise that nobody awaits may reject without harm.
   * @throws DomainError INVALID_REQUEST for a signal that is not valid, or whose payload has no JSON form;
   *   LIMIT_REACHED for a payload above `maxFrameBytes`; CLIENT_NOT_FOUND, UNSUPPORTED_BY_TARGET, TARGET_BUSY,
   *   ROOM_NOT_FOUND, NOT_IN_ROOM, UNAVAILABLE as for other clients
   */
  send(signal: SentSignal): Promise<void>;

  /**
   * Joins a room.
   * @param options `create`: whether a missing room is created
   * @throws DomainError INVALID_REQUEST for an id that is empty; ROOM_NOT_FOUND, ALREADY_IN_ROOM, LIMIT_REACHED,
   *   UNAVAILABLE
   */
  join(room: string, options?: { readonly create?: boolean }): Promise<Room>;

  /**
   * Leaves a room.
   * @throws DomainError INVALID_REQUEST for an id that is empty; ROOM_NOT_FOUND, NOT_IN_ROOM, UNAVAILABLE
   */
  leave(room: string): Promise<void>;

  /**
   * Ends the client after its earlier calls: it leaves its rooms, its id becomes free, and callbacks that wait are
   * dropped. Resolves when all of this is done, and does not reject. Later calls have no effect.
   */
  close(): Promise<void>;
}
