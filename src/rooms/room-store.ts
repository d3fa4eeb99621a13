import type { Attributes } from '../common/attributes.js';
import type { Page, PageQuery, RealmCount } from '../common/page.js';
import type { Room, RoomListener, RoomMember } from '../common/room.js';

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

export interface RoomBounds {
  /** Maximum number of rooms in all realms together. */
  readonly maxRooms: number;
  readonly maxMembers: number;
  /** Bound of the address group that creates rooms; absent for addresses without a bound. */
  readonly address?: AddressBound;
}

/** Bound of the rooms created from one address group, in all realms together. */
export interface AddressBound {
  readonly group: string;
  readonly maxRooms: number;
}

/** Filters; absent ones match every room. */
export interface RoomQuery extends PageQuery {
  readonly realm?: string;
  readonly idPrefix?: string;
}

/** Whether a client of a node is in a room, in the view of that node. */
export type IsMember = (realm: string, room: string, client: string) => boolean;

/**
 * Port: the rooms of all nodes and their members.
 *
 * Every operation is atomic and returns the state after it. A room without members does not exist, unless it is
 * permanent.
 *
 * Each node that has members in a room gets every change of the room in order. It gets its own changes before the
 * operation that has made them resolves.
 */
export abstract class RoomStore {
  /** Sets the listener for changes of the rooms that members of a node are in, or were until the change. */
  abstract listen(node: string, listener: RoomListener): void;

  /**
   * Creates a room with its creator as its first member. Without a creator, the room is permanent: it exists until it
   * is ended.
   * @throws DomainError ROOM_EXISTS, LIMIT_REACHED
   */
  abstract create(room: NewRoom, creator: RoomMember | undefined, bounds: RoomBounds): Promise<Room>;

  /** @throws DomainError ROOM_NOT_FOUND, ALREADY_IN_ROOM, LIMIT_REACHED */
  abstract join(realm: string, id: string, member: RoomMember, bounds: RoomBounds): Promise<Room>;

  /**
   * Adds a client to several rooms: to all of them or to none. A missing room is created with its id as its name and
   * without a creator. If the client is already in a room, only its attributes change.
   * @throws DomainError ROOM_NOT_FOUND, LIMIT_REACHED
   */
  abstract enter(
    realm: string,
    entries: readonly RoomEntry[],
    member: RoomMember,
    bounds: RoomBounds,
  ): Promise<Entered[]>;

  /**
   * Sets the attributes of a member in several rooms, in one change. Rooms that it is not in are skipped.
   * @param attributes by room id
   * @returns the rooms in the order of `attributes`
   */
  abstract setMemberAttributes(
    realm: string,
    clientId: string,
    attributes: ReadonlyMap<string, Attributes>,
  ): Promise<Room[]>;

  /**
   * Sets the attributes of a room.
   * @throws DomainError ROOM_NOT_FOUND
   */
  abstract setAttributes(realm: string, id: string, attributes: Attributes): Promise<Room>;

  /**
   * Removes a member. If it was the creator, the room has none from now on. If it was the last member, the room is
   * removed.
   * @throws DomainError ROOM_NOT_FOUND, NOT_IN_ROOM
   */
  abstract leave(realm: string, id: string, clientId: string): Promise<Room>;

  /**
   * Ends a room and returns its last state.
   * @param by id of the client that must be the creator; without it, any room is ended
   * @throws DomainError ROOM_NOT_FOUND, NOT_ROOM_CREATOR
   */
  abstract end(realm: string, id: string, by?: string): Promise<Room>;

  /**
   * Changes the node of a member that has moved to another node. Rooms that it is not in are skipped.
   * @returns the changed rooms
   */
  abstract move(realm: string, clientId: string, node: string, rooms: readonly string[]): Promise<Room[]>;

  /**
   * Reconciles the store with a node after a partition: removes members that the node no longer has, and restores
   * members, with their rooms, that the store has reported to the node and lost since.
   */
  abstract restore(node: string, isMember: IsMember): Promise<void>;

  abstract find(realm: string, id: string): Promise<Room | undefined>;

  /** Those of some ids that belong to rooms. One look-up, which does not read members. */
  abstract existing(realm: string, ids: readonly string[]): Promise<ReadonlySet<string>>;

  /**
   * Rooms, without those of groups, in the order in which they were created.
   * @throws DomainError INVALID_REQUEST for an invalid cursor
   */
  abstract list(query: RoomQuery): Promise<Page<Room>>;

  /**
   * Realms that have rooms, by name, each with its number of rooms, without those of groups.
   * @throws DomainError INVALID_REQUEST for an invalid cursor
   */
  abstract realms(query: PageQuery): Promise<Page<RealmCount>>;

  /** Number of rooms, without those of groups. */
  abstract count(): Promise<number>;
}
