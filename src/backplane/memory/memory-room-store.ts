import { Injectable } from '@nestjs/common';
import type { Attributes } from '../../common/attributes.js';
import { DomainError } from '../../common/domain-error.js';
import { isGroupRoom } from '../../common/group.js';
import type { Page, PageQuery, RealmCount } from '../../common/page.js';
import type { Room, RoomChange, RoomListener, RoomMember } from '../../common/room.js';
import {
  type Entered,
  type IsMember,
  type NewRoom,
  type RoomBounds,
  type RoomEntry,
  type RoomQuery,
  RoomStore,
} from '../../rooms/room-store.js';
import { countRealms, pageOf, realmPageOf } from '../page-of.js';
import { checkMembers, snapshot, type StoredRoom, StoredRooms, storeMember } from './stored-rooms.js';

/** RoomStore for a single node. */
@Injectable()
export class MemoryRoomStore extends RoomStore {
  private readonly rooms = new StoredRooms();
  private readonly listeners = new Map<string, RoomListener>();

  override listen(node: string, listener: RoomListener): void {
    this.listeners.set(node, listener);
  }

  // The methods are async so that errors reject, as those of any other store.
  /* eslint-disable @typescript-eslint/require-await */

  override async create(room: NewRoom, creator: RoomMember | undefined, bounds: RoomBounds): Promise<Room> {
    if (this.rooms.find(room.realm, room.id)) throw new DomainError('ROOM_EXISTS', { room: room.id });
    this.rooms.checkBounds(room.realm, [room.id], bounds);
    const stored = this.rooms.create(room, creator?.joinedAt ?? Date.now(), bounds.address, creator?.id);
    if (creator) storeMember(stored, creator);
    else Object.assign(stored, { isPermanent: true, version: 1 });
    return this.announce({ kind: 'created', client: creator?.id, room: snapshot(stored) });
  }

  override async join(realm: string, id: string, member: RoomMember, { maxMembers }: RoomBounds): Promise<Room> {
    const room = this.rooms.get(realm, id);
    if (room.members.has(member.id)) throw new DomainError('ALREADY_IN_ROOM', { room: id });
    checkMembers(room, maxMembers);
    storeMember(room, member);
    return this.announce({ kind: 'joined', client: member.id, room: snapshot(room) });
  }

  override async enter(
    realm: string,
    entries: readonly RoomEntry[],
    member: RoomMember,
    bounds: RoomBounds,
  ): Promise<Entered[]> {
    const missing: string[] = [];
    for (const { id, mayCreate, maxMembers } of entries) {
      const room = this.rooms.find(realm, id);
      if (!room && !mayCreate) throw new DomainError('ROOM_NOT_FOUND', { room: id });
      if (!room) missing.push(id);
      else if (!room.members.has(member.id)) checkMembers(room, Math.min(maxMembers, bounds.maxMembers));
    }
    this.rooms.checkBounds(realm, missing, bounds);
    return entries.map(({ id, attributes }) => {
      const room =
        this.rooms.find(realm, id) ?? this.rooms.create({ realm, id, name: id }, member.joinedAt, bounds.address);
      const before = room.members.get(member.id);
      storeMember(room, { ...(before ?? member), attributes });
      const kind = before ? 'updated' : 'joined';
      return {
        room: this.announce({ kind, client: member.id, room: snapshot(room) }),
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
      const room = this.rooms.find(realm, id);
      const member = room?.members.get(clientId);
      if (!room || !member) continue;
      storeMember(room, { ...member, attributes: ofMember });
      changes.push({ kind: 'updated', client: clientId, room: snapshot(room) });
    }
    this.announceTogether(changes);
    return changes.map(({ room }) => room);
  }

  override async setAttributes(realm: string, id: string, attributes: Attributes): Promise<Room> {
    const room = this.rooms.get(realm, id);
    room.attributes = attributes;
    room.version++;
    return this.announce({ kind: 'updated', room: snapshot(room) });
  }

  override async leave(realm: string, id: string, clientId: string): Promise<Room> {
    const room = this.rooms.get(realm, id);
    if (!room.members.has(clientId)) throw new DomainError('NOT_IN_ROOM', { room: id });
    return this.removeMember(room, clientId);
  }

  override async end(realm: string, id: string, by?: string): Promise<Room> {
    const room = this.rooms.get(realm, id);
    if (by !== undefined && room.creator !== by) throw new DomainError('NOT_ROOM_CREATOR', { room: id });
    room.version++;
    this.rooms.delete(room);
    return this.announce({ kind: 'ended', room: snapshot(room) });
  }

  override async move(realm: string, clientId: string, node: string, rooms: readonly string[]): Promise<Room[]> {
    return rooms.flatMap((id) => {
      const room = this.rooms.find(realm, id);
      const member = room?.members.get(clientId);
      if (!room || !member) return [];
      storeMember(room, { ...member, node });
      return this.announce({ kind: 'moved', client: clientId, room: snapshot(room) }, member.node);
    });
  }

  /** Memory loses no rooms: there are only members to remove. */
  override async restore(node: string, isMember: IsMember): Promise<void> {
    for (const room of this.rooms.all()) {
      for (const { id, node: ofMember } of room.members.values()) {
        if (ofMember === node && !isMember(room.realm, room.id, id)) this.removeMember(room, id);
      }
    }
  }

  override async find(realm: string, id: string): Promise<Room | undefined> {
    const room = this.rooms.find(realm, id);
    return room && snapshot(room);
  }

  override async existing(realm: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(ids.filter((id) => this.rooms.find(realm, id) !== undefined));
  }

  override async list(query: RoomQuery): Promise<Page<Room>> {
    const { realm, idPrefix = '' } = query;
    const rooms = realm === undefined ? this.rooms.all() : this.rooms.of(realm);
    const page = pageOf(rooms, query, ({ id }) => id.startsWith(idPrefix) && !isGroupRoom(id));
    return { ...page, items: page.items.map(snapshot) };
  }

  override async realms(query: PageQuery): Promise<Page<RealmCount>> {
    return realmPageOf(countRealms([...this.rooms.all()].filter(({ id }) => !isGroupRoom(id))), query);
  }

  override async count(): Promise<number> {
    return this.rooms.count;
  }

  /* eslint-enable @typescript-eslint/require-await */

  private removeMember(room: StoredRoom, clientId: string): Room {
    const member = room.members.get(clientId);
    room.members.delete(clientId);
    if (room.creator === clientId) room.creator = undefined;
    room.version++;
    if (room.members.size === 0 && !room.isPermanent) this.rooms.delete(room);
    return this.announce({ kind: 'left', client: clientId, room: snapshot(room) }, member?.node);
  }

  /**
   * Announces a change to the nodes that have members in the room.
   * @param node a node to include that has none any more
   */
  private announce(change: RoomChange, node?: string): Room {
    this.announceTogether([change], node);
    return change.room;
  }

  private announceTogether(changes: readonly RoomChange[], node?: string): void {
    for (const [name, listener] of this.listeners) {
      const concerning = changes.filter(
        ({ room }) => name === node || room.members.some((member) => member.node === name),
      );
      if (concerning.length > 0) listener(concerning);
    }
  }
}
