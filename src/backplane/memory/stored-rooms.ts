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
  /** Number of rooms by realm, except those of groups. */
  private readonly byRealm = new Map<string, number>();
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

  /**
   * @param ids of the further rooms
   * @throws DomainError LIMIT_REACHED if the bounds do not allow that many further rooms
   */
  checkBounds(realm: string, ids: readonly string[], { maxRooms, maxRoomsOfRealm, address }: RoomBounds): void {
    const further = ids.length;
    if (further === 0) return;
    checkLimit('rooms', maxRooms, this.byId.size + further);
    this.checkRealm(realm, ids, maxRoomsOfRealm);
    if (!address) return;
    checkLimit('rooms of an address', address.maxRooms, (this.byAddress.get(address.group) ?? 0) + further);
  }

  private checkRealm(realm: string, ids: readonly string[], limit = Infinity): void {
    const further = ids.filter((id) => !isGroupRoom(id)).length;
    if (further > 0) checkLimit('rooms of a realm', limit, (this.byRealm.get(realm) ?? 0) + further);
  }

  create(room: NewRoom, since: number, address?: AddressBound, creator?: string): StoredRoom {
    const sequence = ++this.sequence;
    const group = address?.group;
    const stored: StoredRoom = { ...room, group, creator, since, members: new Map(), version: 0, sequence };
    if (group !== undefined) add(this.byAddress, group, 1);
    this.byId.set(room.realm, room.id, stored);
    this.inOrder.add(stored);
    if (isGroupRoom(room.id)) this.groups++;
    else add(this.byRealm, room.realm, 1);
    return stored;
  }

  delete(room: StoredRoom): void {
    this.byId.delete(room.realm, room.id);
    this.inOrder.delete(room);
    if (room.group !== undefined) add(this.byAddress, room.group, -1);
    if (isGroupRoom(room.id)) this.groups--;
    else add(this.byRealm, room.realm, -1);
  }
}

/** Adds to a count, and removes it at 0. */
function add(counts: Map<string, number>, key: string, rooms: number): void {
  const count = (counts.get(key) ?? 0) + rooms;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
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
