import type { Attributes } from '../common/attributes.js';
import type { Page, PageQuery, RealmCount } from '../common/page.js';
import type { Room, RoomListener, RoomMember } from '../common/room.js';

export interface NewRoom {
  readonly realm: string;
  readonly id: string;
  readonly name: string;
}

/** A room that a client is to be in, with what it shows of itself there. */
export interface RoomEntry {
  readonly id: string;
  readonly attributes?: Attributes;
  /** Whether the room is made if it is missing. */
  readonly mayCreate: boolean;
  readonly maxMembers: number;
}

/** What became of a RoomEntry. */
export interface Entered {
  readonly room: Room;
  /** False if the client was in the room before. */
  readonly isNew: boolean;
}

export interface RoomBounds {
  /** Rooms in all realms together. */
  readonly maxRooms: number;
  readonly maxMembers: number;
  /** Whose share rooms that are made count for; absent if for nobody's. */
  readonly address?: AddressBound;
}

/** The rooms in all realms together that were made from one address group. */
export interface AddressBound {
  readonly group: string;
  readonly maxRooms: number;
}

/** What is left out does not matter. */
export interface RoomQuery extends PageQuery {
  readonly realm?: string;
  readonly idPrefix?: string;
}

/** Whether a client of a node is in a room, as far as that node knows. */
export type IsMember = (realm: string, room: string, client: string) => boolean;

/**
 * Port: which rooms there are and who is in them, on all nodes.
 * Every operation is atomic and answers with the state after it. A room without members does not
 * exist, unless it is permanent.
 * Each node with members in a room hears of every change of it, in the order in which they happened; of those that it has
 * made itself before the operation has answered.
 */
export abstract class RoomStore {
  /** Sets who hears of the changes in the rooms that members of a node are in, or were until then. */
  abstract listen(node: string, listener: RoomListener): void;

  /**
   * Makes a room with its creator as its first member; without one the room is permanent: it exists until it is ended.
   * @throws DomainError ROOM_EXISTS, LIMIT_REACHED
   */
  abstract create(room: NewRoom, creator: RoomMember | undefined, bounds: RoomBounds): Promise<Room>;

  /** @throws DomainError ROOM_NOT_FOUND, ALREADY_IN_ROOM, LIMIT_REACHED */
  abstract join(realm: string, id: string, member: RoomMember, bounds: RoomBounds): Promise<Room>;

  /**
   * Brings a client into several rooms at once: into all of them, or nothing happens. A room that is missing is made, with
   * its id as its name and without a creator. Whoever is in a room already stays what it was, but for its attributes.
   * @throws DomainError ROOM_NOT_FOUND, LIMIT_REACHED
   */
  abstract enter(
    realm: string,
    entries: readonly RoomEntry[],
    member: RoomMember,
    bounds: RoomBounds,
  ): Promise<Entered[]>;

  /**
   * Sets what rooms show of a member, in one change. Rooms that it is not in are left out.
   * @param attributes by the ids of rooms
   * @returns the rooms in the order of `attributes`
   */
  abstract setMemberAttributes(
    realm: string,
    clientId: string,
    attributes: ReadonlyMap<string, Attributes>,
  ): Promise<Room[]>;

  /**
   * Sets what a room shows of itself.
   * @throws DomainError ROOM_NOT_FOUND
   */
  abstract setAttributes(realm: string, id: string, attributes: Attributes): Promise<Room>;

  /**
   * Takes a member out. If it was the creator, the room has none from now on; if it was the last member, the room is gone.
   * @throws DomainError ROOM_NOT_FOUND, NOT_IN_ROOM
   */
  abstract leave(realm: string, id: string, clientId: string): Promise<Room>;

  /**
   * Ends a room, and answers with its state at the end.
   * @param by who wants it; without it the room is ended whoever created it
   * @throws DomainError ROOM_NOT_FOUND, NOT_ROOM_CREATOR
   */
  abstract end(realm: string, id: string, by?: string): Promise<Room>;

  /**
   * Makes a client that has moved to another node a member from there, in those of some rooms that it is in.
   * @returns these rooms
   */
  abstract move(realm: string, clientId: string, node: string, rooms: readonly string[]): Promise<Room[]>;

  /**
   * Makes the store agree with a node about the node's members, after the two could not reach one another: takes out whom the
   * node knows no more, and puts back whom the store has lost of those it has told the node of, with the room if that is lost,
   * too.
   */
  abstract restore(node: string, isMember: IsMember): Promise<void>;

  abstract find(realm: string, id: string): Promise<Room | undefined>;

  /** Which of some ids are those of rooms; found in one go, without looking at members. */
  abstract existing(realm: string, ids: readonly string[]): Promise<ReadonlySet<string>>;

  /**
   * The rooms, but for those of groups, in the order in which they were made.
   * @throws DomainError INVALID_REQUEST for a cursor that is none
   */
  abstract list(query: RoomQuery): Promise<Page<Room>>;

  /**
   * The realms that have rooms, by their names, each with the number of its rooms; those of groups do not count.
   * @throws DomainError INVALID_REQUEST for a cursor that is none
   */
  abstract realms(query: PageQuery): Promise<Page<RealmCount>>;

  /** The number of rooms; those of groups do not count. */
  abstract count(): Promise<number>;
}
