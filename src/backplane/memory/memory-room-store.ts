import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import type { Page } from '../../common/page.js';
import { RealmMap } from '../../common/realm-map.js';
import type { Room, RoomMember } from '../../common/room.js';
import { RoomStore, type NewRoom, type RoomBounds, type RoomQuery } from '../../rooms/room-store.js';
import { pageOf } from './page-of.js';

interface StoredRoom extends Omit<Room, 'members' | 'creator' | 'version'> {
  readonly sequence: number;
  readonly members: Map<string, RoomMember>;
  creator?: string;
  version: number;
}

/** RoomStore for a single node. */
@Injectable()
export class MemoryRoomStore extends RoomStore {
  private readonly byId = new RealmMap<StoredRoom>();
  private readonly inOrder = new Set<StoredRoom>();
  private sequence = 0;

  // The methods are async so that what they throw rejects, as with any other store; nothing in them waits.
  /* eslint-disable @typescript-eslint/require-await */

  override async create(room: NewRoom, creator: RoomMember, { maxRooms }: RoomBounds): Promise<Room> {
    if (this.byId.get(room.realm, room.id)) throw new DomainError('ROOM_EXISTS', { room: room.id });
    if (this.byId.size >= maxRooms) throw new DomainError('LIMIT_REACHED', { what: 'rooms', limit: maxRooms });
    const stored: StoredRoom = {
      ...room,
      creator: creator.id,
      since: Date.now(),
      members: new Map([[creator.id, Object.freeze({ ...creator })]]),
      version: 1,
      sequence: ++this.sequence,
    };
    this.byId.set(room.realm, room.id, stored);
    this.inOrder.add(stored);
    return snapshot(stored);
  }

  override async join(realm: string, id: string, member: RoomMember, { maxMembers }: RoomBounds): Promise<Room> {
    const room = this.get(realm, id);
    if (room.members.has(member.id)) throw new DomainError('ALREADY_IN_ROOM', { room: id });
    if (room.members.size >= maxMembers) {
      throw new DomainError('LIMIT_REACHED', { what: 'members of a room', limit: maxMembers });
    }
    room.members.set(member.id, Object.freeze({ ...member }));
    room.version++;
    return snapshot(room);
  }

  override async leave(realm: string, id: string, clientId: string): Promise<Room> {
    const room = this.get(realm, id);
    if (!room.members.delete(clientId)) throw new DomainError('NOT_IN_ROOM', { room: id });
    if (room.creator === clientId) room.creator = undefined;
    room.version++;
    if (room.members.size === 0) this.remove(room);
    return snapshot(room);
  }

  override async end(realm: string, id: string, by?: string): Promise<Room> {
    const room = this.get(realm, id);
    if (by !== undefined && room.creator !== by) throw new DomainError('NOT_ROOM_CREATOR', { room: id });
    room.version++;
    this.remove(room);
    return snapshot(room);
  }

  override async find(realm: string, id: string): Promise<Room | undefined> {
    const room = this.byId.get(realm, id);
    return room && snapshot(room);
  }

  override async list(query: RoomQuery): Promise<Page<Room>> {
    const page = pageOf(this.inOrder, query, ({ realm }) => query.realm === undefined || realm === query.realm);
    return { ...page, items: page.items.map(snapshot) };
  }

  /* eslint-enable @typescript-eslint/require-await */

  private get(realm: string, id: string): StoredRoom {
    const room = this.byId.get(realm, id);
    if (!room) throw new DomainError('ROOM_NOT_FOUND', { room: id });
    return room;
  }

  private remove(room: StoredRoom): void {
    this.byId.delete(room.realm, room.id);
    this.inOrder.delete(room);
  }
}

function snapshot({ realm, id, name, creator, since, members, version }: StoredRoom): Room {
  return { realm, id, name, creator, since, members: [...members.values()], version };
}
