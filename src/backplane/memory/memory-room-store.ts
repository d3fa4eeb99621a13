import { Injectable } from '@nestjs/common';
import type { Attributes } from '../../common/attributes.js';
import { DomainError } from '../../common/domain-error.js';
import { isGroupRoom } from '../../common/group.js';
import type { Page, PageQuery, RealmCount } from '../../common/page.js';
import { RealmMap } from '../../common/realm-map.js';
import type { Room, RoomChange, RoomListener, RoomMember } from '../../common/room.js';
import {
  RoomStore,
  type AddressBound,
  type Entered,
  type IsMember,
  type NewRoom,
  type RoomBounds,
  type RoomEntry,
  type RoomQuery,
} from '../../rooms/room-store.js';
import { countRealms, pageOf, realmPageOf } from '../page-of.js';

interface StoredRoom extends Omit<Room, 'members' | 'creator' | 'version' | 'attributes' | 'isPermanent'> {
  readonly sequence: number;
  readonly members: Map<string, RoomMember>;
  /** Address group that the room was created from, if it counts for one. */
  readonly group?: string;
  creator?: string;
  attributes?: Attributes;
  isPermanent?: true;
  version: number;
}

/** RoomStore for a single node. */
@Injectable()
export class MemoryRoomStore extends RoomStore {
  private readonly byId = new RealmMap<StoredRoom>();
  private readonly inOrder = new Set<StoredRoom>();
  private readonly listeners = new Map<string, RoomListener>();
  private sequence = 0;
  /** Number of rooms of groups. */
  private groups = 0;
  /** Number of rooms by the address group that they were created from. */
  private readonly byAddress = new Map<string, number>();

  override listen(node: string, listener: RoomListener): void {
    this.listeners.set(node, listener);
  }

  // The methods are async so that errors reject, as those of any other store.
  /* eslint-disable @typescript-eslint/require-await */

  override async create(room: NewRoom, creator: RoomMember | undefined, bounds: RoomBounds): Promise<Room> {
    if (this.byId.get(room.realm, room.id)) throw new DomainError('ROOM_EXISTS', { room: room.id });
    this.checkRooms(1, bounds);
    const stored = this.createRoom(room, creator?.joinedAt ?? Date.now(), bounds.address, creator?.id);
    if (creator) put(stored, creator);
    else Object.assign(stored, { isPermanent: true, version: 1 });
    return this.announce([{ kind: 'created', client: creator?.id, room: snapshot(stored) }])[0]!;
  }

  override async join(realm: string, id: string, member: RoomMember, { maxMembers }: RoomBounds): Promise<Room> {
    const room = this.get(realm, id);
    if (room.members.has(member.id)) throw new DomainError('ALREADY_IN_ROOM', { room: id });
    checkMembers(room, maxMembers);
    put(room, member);
    return this.announce([{ kind: 'joined', client: member.id, room: snapshot(room) }])[0]!;
  }

  override async enter(
    realm: string,
    entries: readonly RoomEntry[],
    member: RoomMember,
    bounds: RoomBounds,
  ): Promise<Entered[]> {
    let missing = 0;
    for (const { id, mayCreate, maxMembers } of entries) {
      const room = this.byId.get(realm, id);
      if (!room && !mayCreate) throw new DomainError('ROOM_NOT_FOUND', { room: id });
      if (!room) missing++;
      else if (!room.members.has(member.id)) checkMembers(room, Math.min(maxMembers, bounds.maxMembers));
    }
    this.checkRooms(missing, bounds);
    return entries.map(({ id, attributes }) => {
      const room =
        this.byId.get(realm, id) ?? this.createRoom({ realm, id, name: id }, member.joinedAt, bounds.address);
      const before = room.members.get(member.id);
      put(room, { ...(before ?? member), attributes });
      const kind = before ? 'updated' : 'joined';
      return {
        room: this.announce([{ kind, client: member.id, room: snapshot(room) }])[0]!,
        isNew: before === undefined,
      };
    });
  }

  override async setMemberAttributes(
    realm: string,
    clientId: string,
    attributes: ReadonlyMap<string, Attributes>,
  ): Promise<Room[]> {
    const changes: RoomChange[] = [];
    for (const [id, ofMember] of attributes) {
      const room = this.byId.get(realm, id);
      const member = room?.members.get(clientId);
      if (!room || !member) continue;
      put(room, { ...member, attributes: ofMember });
      changes.push({ kind: 'updated', client: clientId, room: snapshot(room) });
    }
    return this.announce(changes);
  }

  override async setAttributes(realm: string, id: string, attributes: Attributes): Promise<Room> {
    const room = this.get(realm, id);
    room.attributes = attributes;
    room.version++;
    return this.announce([{ kind: 'updated', room: snapshot(room) }])[0]!;
  }

  override async leave(realm: string, id: string, clientId: string): Promise<Room> {
    const room = this.get(realm, id);
    if (!room.members.has(clientId)) throw new DomainError('NOT_IN_ROOM', { room: id });
    return this.removeMember(room, clientId);
  }

  override async end(realm: string, id: string, by?: string): Promise<Room> {
    const room = this.get(realm, id);
    if (by !== undefined && room.creator !== by) throw new DomainError('NOT_ROOM_CREATOR', { room: id });
    room.version++;
    this.deleteRoom(room);
    return this.announce([{ kind: 'ended', room: snapshot(room) }])[0]!;
  }

  override async move(realm: string, clientId: string, node: string, rooms: readonly string[]): Promise<Room[]> {
    return rooms.flatMap((id) => {
      const room = this.byId.get(realm, id);
      const member = room?.members.get(clientId);
      if (!room || !member) return [];
      put(room, { ...member, node });
      return this.announce([{ kind: 'moved', client: clientId, room: snapshot(room) }], member.node);
    });
  }

  /** Memory loses no rooms: there are only members to remove. */
  override async restore(node: string, isMember: IsMember): Promise<void> {
    for (const room of this.inOrder) {
      for (const { id, node: ofMember } of room.members.values()) {
        if (ofMember === node && !isMember(room.realm, room.id, id)) this.removeMember(room, id);
      }
    }
  }

  override async find(realm: string, id: string): Promise<Room | undefined> {
    const room = this.byId.get(realm, id);
    return room && snapshot(room);
  }

  override async existing(realm: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(ids.filter((id) => this.byId.get(realm, id) !== undefined));
  }

  override async list(query: RoomQuery): Promise<Page<Room>> {
    const { realm, idPrefix = '' } = query;
    const rooms = realm === undefined ? this.inOrder : this.byId.of(realm);
    const page = pageOf(rooms, query, ({ id }) => id.startsWith(idPrefix) && !isGroupRoom(id));
    return { ...page, items: page.items.map(snapshot) };
  }

  override async realms(query: PageQuery): Promise<Page<RealmCount>> {
    return realmPageOf(countRealms([...this.inOrder].filter(({ id }) => !isGroupRoom(id))), query);
  }

  override async count(): Promise<number> {
    return this.byId.size - this.groups;
  }

  /* eslint-enable @typescript-eslint/require-await */

  private removeMember(room: StoredRoom, clientId: string): Room {
    const member = room.members.get(clientId);
    room.members.delete(clientId);
    if (room.creator === clientId) room.creator = undefined;
    room.version++;
    if (room.members.size === 0 && !room.isPermanent) this.deleteRoom(room);
    return this.announce([{ kind: 'left', client: clientId, room: snapshot(room) }], member?.node)[0]!;
  }

  /**
   * Announces changes that belong together to the nodes that have members in the rooms.
   * @param node a node to include that has none any more
   */
  private announce(changes: readonly RoomChange[], node?: string): Room[] {
    for (const [name, listener] of this.listeners) {
      const concerning = changes.filter(
        ({ room }) => name === node || room.members.some((member) => member.node === name),
      );
      if (concerning.length > 0) listener(concerning);
    }
    return changes.map(({ room }) => room);
  }

  private checkRooms(more: number, { maxRooms, address }: RoomBounds): void {
    if (more === 0) return;
    if (this.byId.size + more > maxRooms) throw new DomainError('LIMIT_REACHED', { what: 'rooms', limit: maxRooms });
    if (address && (this.byAddress.get(address.group) ?? 0) + more > address.maxRooms) {
      throw new DomainError('LIMIT_REACHED', { what: 'rooms of an address', limit: address.maxRooms });
    }
  }

  private createRoom(room: NewRoom, since: number, address?: AddressBound, creator?: string): StoredRoom {
    const sequence = ++this.sequence;
    const group = address?.group;
    const stored: StoredRoom = { ...room, group, creator, since, members: new Map(), version: 0, sequence };
    this.countFrom(group, 1);
    this.byId.set(room.realm, room.id, stored);
    this.inOrder.add(stored);
    if (isGroupRoom(room.id)) this.groups++;
    return stored;
  }

  private get(realm: string, id: string): StoredRoom {
    const room = this.byId.get(realm, id);
    if (!room) throw new DomainError('ROOM_NOT_FOUND', { room: id });
    return room;
  }

  private deleteRoom(room: StoredRoom): void {
    this.byId.delete(room.realm, room.id);
    this.inOrder.delete(room);
    this.countFrom(room.group, -1);
    if (isGroupRoom(room.id)) this.groups--;
  }

  private countFrom(group: string | undefined, more: number): void {
    if (group === undefined) return;
    const count = (this.byAddress.get(group) ?? 0) + more;
    if (count === 0) this.byAddress.delete(group);
    else this.byAddress.set(group, count);
  }
}

function checkMembers({ members }: StoredRoom, maxMembers: number): void {
  if (members.size >= maxMembers) {
    throw new DomainError('LIMIT_REACHED', { what: 'members of a room', limit: maxMembers });
  }
}

function put(room: StoredRoom, member: RoomMember): void {
  room.members.set(member.id, Object.freeze({ ...member }));
  room.version++;
}

function snapshot({ realm, id, name, creator, since, members, attributes, isPermanent, version }: StoredRoom): Room {
  return { realm, id, name, creator, since, members: [...members.values()], attributes, isPermanent, version };
}
