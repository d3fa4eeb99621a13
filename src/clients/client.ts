import type { Goodbye } from '../common/end-reason.js';
import type { RoomChange } from '../common/room.js';
import type { Signal } from '../common/signal.js';

/**
 * A client that is connected to this node. Each protocol extends it with the connection and with how to say things to it.
 * A client is not a connection: after a takeover the same client has another connection.
 */
export abstract class Client {
  /** Milliseconds since 1970. */
  readonly since = Date.now();
  /** Ids of the rooms that it is in; kept by RoomsService. */
  readonly rooms = new Set<string>();
  /** Those of its rooms that it created; kept by RoomsService. */
  readonly createdRooms = new Set<string>();

  protected constructor(
    readonly id: string,
    readonly realm: string,
    readonly protocol: string,
    /** Whoever shows the same token may take the id over. */
    readonly token: string,
    readonly address: string,
  ) {}

  /**
   * Encodes a signal in the client's protocol and writes it.
   * @throws DomainError UNKNOWN_EVENT if the protocol has no word for the signal's kind
   */
  abstract deliver(signal: Signal): void;

  /** Tells the client of a change in a room that it is in (or, for `ended`, was in). */
  abstract roomChanged(change: RoomChange): void;

  /** Ends the connection; the rest follows as after any other end. */
  abstract end(reason: Goodbye): void;
}
