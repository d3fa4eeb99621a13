import type { Attributes } from '../../common/attributes.js';
import { checkLimit } from '../../common/check-limit.js';
import { DomainError } from '../../common/domain-error.js';
import { isGroupRoom } from '../../common/group.js';
import { RealmMap } from '../../common/realm-map.js';
import type { Room, RoomMember } from '../../common/room.js';
import type { AddressBound, NewRoom, RoomBounds } from '../../rooms/room-store.js';

export interface StoredRoom extends Omit<Room, 'members' | 'creator' | 'version' | 'attributes' | 'isPermanent'> {
  readonly sequence: number;
  readonly members: Map<string, RoomMember>;
  /** Address group that the room was created from, if it counts for one. */
  readonly group?: string;
  creator?: string;
  attributes?: Attributes;
  isPermanent?: true;
  version: number;
}

/** The rooms in memory, with the counts that their bounds need. */
export class StoredRooms {
  private readonly byId = new RealmMap<StoredRoom>();
  private readonly inOrder = new Set<StoredRoom>();
  /** Number of rooms by the address group that they were created from. */
  private readonly byAddress = new Map<string, number>();
  /** Number of rooms of groups. */
  private groups = 0;
  private sequence = 0;

  /** Number of rooms, except those of groups. */
  get count(): number {
    return this.byId.size - this.groups;
  }

  /** Returns all rooms, in the order of their creation. */
  all(): Iterable<StoredRoom> {
    return this.inOrder;
  }

  /** Returns the rooms of a realm, in the order of their creation. */
  of(realm: string): Iterable<StoredRoom> {
    return this.byId.of(realm);
  }

  find(realm: string, id: string): StoredRoom | undefined {
    return this.byId.get(realm, id);
  }

  /** @throws DomainError ROOM_NOT_FOUND */
  get(realm: string, id: string): StoredRoom {
    const room = this.byId.get(realm, id);
    if (!room) throw new DomainError('ROOM_NOT_FOUND', { room: id });
    return room;
  }

  /** @throws DomainError LIMIT_REACHED if the bounds do not allow that many further rooms */
  checkBounds(further: number, { maxRooms, address }: RoomBounds): void {
    if (further === 0) return;
    checkLimit('rooms', maxRooms, this.byId.size + further);
    if (!address) return;
    checkLimit('rooms of an address', address.maxRooms, (this.byAddress.get(address.group) ?? 0) + further);
  }

  create(room: NewRoom, since: number, address?: AddressBound, creator?: string): StoredRoom {
    const sequence = ++this.sequence;
    const group = address?.group;
    const stored: StoredRoom = { ...room, group, creator, since, members: new Map(), version: 0, sequence };
    this.addToAddress(group, 1);
    this.byId.set(room.realm, room.id, stored);
    this.inOrder.add(stored);
    if (isGroupRoom(room.id)) this.groups++;
    return stored;
  }

  delete(room: StoredRoom): void {
    this.byId.delete(room.realm, room.id);
    this.inOrder.delete(room);
    this.addToAddress(room.group, -1);
    if (isGroupRoom(room.id)) this.groups--;
  }

  private addToAddress(group: string | undefined, rooms: number): void {
    if (group === undefined) return;
    const count = (this.byAddress.get(group) ?? 0) + rooms;
    if (count === 0) this.byAddress.delete(group);
    else this.byAddress.set(group, count);
  }
}

/** @throws DomainError LIMIT_REACHED */
export function checkMembers({ members }: StoredRoom, maxMembers: number): void {
  checkLimit('members of a room', maxMembers, members.size + 1);
}

/** Adds or replaces a member. */
export function storeMember(room: StoredRoom, member: RoomMember): void {
  room.members.set(member.id, Object.freeze({ ...member }));
  room.version++;
}

/** Returns the present state of a room, which later changes do not affect. */
export function snapshot({
  realm,
  id,
  name,
  creator,
  since,
  members,
  attributes,
  isPermanent,
  version,
}: StoredRoom): Room {
  return { realm, id, name, creator, since, members: [...members.values()], attributes, isPermanent, version };
}
