import type { Attributes } from '../common/attributes.js';
import type { Page, PageQuery, RealmCount } from '../common/page.js';
import type { Room, RoomListener, RoomMember } from '../common/room.js';

/** A room that is created. */
export interface NewRoom {
  readonly realm: string;
  readonly id: string;
  readonly name: string;
}

/** A room that a client enters, with its attributes there. */
export interface RoomEntry {
  readonly id: string;
  readonly attributes?: Attributes;
  /** Whether a missing room is created. */
  readonly mayCreate: boolean;
  readonly maxMembers: number;
}

/** The result of entering a room. */
export interface Entered {
  readonly room: Room;
  /** False if the client was already in the room. */
  readonly isNew: boolean;
}

/** Bounds that an operation must not exceed. They accompany each operation, and may differ between operations. */
export interface RoomBounds {
  /** Maximum number of rooms in all realms together. */
  readonly maxRooms: number;
  /** Maximum number of rooms in the realm, without those of groups; absent for a realm without such a bound. */
  readonly maxRoomsOfRealm?: number;
  /** Maximum number of members of each room. */
  readonly maxMembers: number;
  /** Bound of the address group that creates rooms; absent for addresses without a bound. */
  readonly address?: AddressBound;
}

/** Bound of the rooms created from one address group, in all realms together. */
export interface AddressBound {
  readonly group: string;
  readonly maxRooms: number;
}

/** Filters, all of which must match; absent ones match every room. */
export interface RoomQuery extends PageQuery {
  readonly realm?: string;
  readonly idPrefix?: string;
}

/** Whether a client of a node is in a room, in the view of that node. */
export type IsMember = (realm: string, room: string, client: string) => boolean;

/**
 * Port: the rooms of all nodes and their members. Ids and realms are arbitrary strings, also empty ones, with control
 * characters or unpaired surrogates.
 *
 * Every operation is atomic over all nodes and returns the state after it. If it rejects, nothing has changed; only
 * after UNAVAILABLE it may have. A room without members does not exist, unless it is permanent. Rooms that are returned
 * or announced are snapshots, which later changes do not affect.
 *
 * Each node that has members in a room gets every change of the room in order. It gets its own changes before the
 * operation that has made them resolves. A refused or repeated operation that changes nothing announces nothing.
 *
 * The bounds are checked in the same atomic step as the change that they limit. `maxRooms` counts rooms and groups of
 * all realms; an address bound counts the rooms that were created with its group, until they end. LIMIT_REACHED names
 * what has reached its limit: `rooms`, `rooms of a realm`, `rooms of an address` or `members of a room`.
 *
 * Rooms of groups (`isGroupRoom`) are ordinary rooms that `list`, `realms` and `count` leave out.
 *
 * Every operation rejects with DomainError UNAVAILABLE while the store cannot be reached.
 */
export abstract class RoomStore {
  /**
   * Sets the listener for changes of the rooms that members of a node are in, or were until the change. Called once,
   * before the application listens. Changes that are announced together are one call.
   */
  abstract listen(node: string, listener: RoomListener): void;

  /**
   * Creates a room with its creator as its first member. Without a creator, the room is permanent: it exists until it
   * is ended. `since` is the creator's `joinedAt`, or else the present time.
   * @throws DomainError ROOM_EXISTS, LIMIT_REACHED
   */
  abstract create(room: NewRoom, creator: RoomMember | undefined, bounds: RoomBounds): Promise<Room>;

  /**
   * Adds a client to a room, behind its other members.
   * @param bounds only `maxMembers` is checked
   * @throws DomainError ROOM_NOT_FOUND, ALREADY_IN_ROOM, LIMIT_REACHED
   */
  abstract join(realm: string, id: string, member: RoomMember, bounds: RoomBounds): Promise<Room>;

  /**
   * Adds a client to several rooms: to all of them or to none. A missing room is created with its id as its name and
   * without a creator. If the client is already in a room, only its attributes change, and no bound on members applies.
   * The smaller of an entry's `maxMembers` and that of `bounds` applies to its room.
   * @param entries distinct rooms
   * @returns the rooms in the order of `entries`
   * @throws DomainError ROOM_NOT_FOUND, LIMIT_REACHED
   */
  abstract enter(
    realm: string,
    entries: readonly RoomEntry[],
    member: RoomMember,
    bounds: RoomBounds,
  ): Promise<Entered[]>;

  /**
   * Sets the attributes of a member in several rooms. The changes are announced together, in one call of the listener.
   * Rooms that it is not in are skipped.
   * @param attributes by room id
   * @returns the changed rooms in the order of `attributes`
   */
  abstract setMemberAttributes(
    realm: string,
    clientId: string,
    attributes: ReadonlyMap<string, Attributes>,
  ): Promise<Room[]>;

  /**
   * Sets the attributes of a room, which replace its former ones.
   * @throws DomainError ROOM_NOT_FOUND
   */
  abstract setAttributes(realm: string, id: string, attributes: Attributes): Promise<Room>;

  /**
   * Removes a member. If it was the creator, the room has none from now on. If it was the last member, the room is
   * removed, unless it is permanent.
   * @throws DomainError ROOM_NOT_FOUND, NOT_IN_ROOM
   */
  abstract leave(realm: string, id: string, clientId: string): Promise<Room>;

  /**
   * Ends a room and returns its last state, with the members that it had.
   * @param by id of the client that must be the creator; without it, any room is ended
   * @throws DomainError ROOM_NOT_FOUND, NOT_ROOM_CREATOR
   */
  abstract end(realm: string, id: string, by?: string): Promise<Room>;

  /**
   * Changes the node of a member that has moved to another node; its place, its attributes and its rights stay. Rooms
   * that it is not in are skipped. The former node gets these changes, too.
   * @param node the node on which it is called
   * @returns the changed rooms in the order of `rooms`
   */
  abstract move(realm: string, clientId: string, node: string, rooms: readonly string[]): Promise<Room[]>;

  /**
   * Reconciles the store with a node after a partition: removes members that the node no longer has, and restores
   * members, with their rooms, that the store has reported to the node and lost since. Members that have left are not
   * restored. Atomic for each room, not as a whole.
   * @param isMember called at the last possible time
   */
  abstract restore(node: string, isMember: IsMember): Promise<void>;

  /** A room by its id; undefined if there is none. */
  abstract find(realm: string, id: string): Promise<Room | undefined>;

  /** Those of some ids that belong to rooms, in the same order. One look-up, which does not read members. */
  abstract existing(realm: string, ids: readonly string[]): Promise<ReadonlySet<string>>;

  /**
   * Rooms, without those of groups, in the order in which they were created. Rooms that come or go between two pages do
   * not shift the next one. A page may be shorter than its limit although there are more. A page for `limit: 0` is
   * empty and does not move the position.
   * @throws DomainError INVALID_REQUEST for an invalid cursor
   */
  abstract list(query: RoomQuery): Promise<Page<Room>>;

  /**
   * Realms that have rooms, each with its number of rooms, without those of groups, sorted by name as `<` compares
   * strings. The page begins behind the realm that `cursor` names, whether or not that realm still exists.
   */
  abstract realms(query: PageQuery): Promise<Page<RealmCount>>;

  /** Number of rooms on all nodes, without those of groups. */
  abstract count(): Promise<number>;
}
