// The methods are async so that errors reject.
/* eslint-disable @typescript-eslint/require-await */
import {
  type Attributes,
  DomainError,
  type Entered,
  isGroupRoom,
  type IsMember,
  type NewRoom,
  type Page,
  type PageQuery,
  type RealmCount,
  type Room,
  type RoomBounds,
  type RoomChange,
  type RoomEntry,
  type RoomListener,
  type RoomMember,
  type RoomQuery,
  RoomStore,
} from 'signalbox/backplane';
import { pageOf, realmsOf } from './pages.js';

interface Stored {
  readonly sequence: number;
  /** Address group that the room was created from. */
  readonly group?: string;
  /** Its present state. Every change replaces it. */
  room: Room;
}

/** What a change makes of a room, beside its version. */
type Next = Partial<Pick<Room, 'members' | 'creator' | 'attributes'>>;

/** The rooms of all servers. Every method changes the map in one turn, without an await between look and change. */
export class HubRoomStore extends RoomStore {
  /** By realm and id, in the order of creation. */
  private readonly stored = new Map<string, Stored>();
  private readonly listeners = new Map<string, RoomListener>();
  private sequence = 0;

  override listen(node: string, listener: RoomListener): void {
    this.listeners.set(node, listener);
  }

  /** Announces nothing more to a server that stops. */
  ignore(node: string): void {
    this.listeners.delete(node);
  }

  override async create(room: NewRoom, creator: RoomMember | undefined, bounds: RoomBounds): Promise<Room> {
    if (this.stored.has(keyOf(room.realm, room.id))) throw new DomainError('ROOM_EXISTS', { room: room.id });
    this.checkBounds(room.realm, [room.id], bounds);
    const stored = this.add(room, creator?.joinedAt ?? Date.now(), bounds);
    if (!creator) stored.room = { ...stored.room, isPermanent: true };
    const next = creator ? { creator: creator.id, members: [{ ...creator }] } : {};
    return this.announce([this.change(stored, 'created', creator?.id, next)])[0]!;
  }

  override async join(realm: string, id: string, member: RoomMember, bounds: RoomBounds): Promise<Room> {
    const stored = this.get(realm, id);
    const { members } = stored.room;
    if (memberOf(stored, member.id)) throw new DomainError('ALREADY_IN_ROOM', { room: id });
    checkMembers(stored.room, bounds.maxMembers);
    return this.announce([this.change(stored, 'joined', member.id, { members: [...members, { ...member }] })])[0]!;
  }

  override async enter(
    realm: string,
    entries: readonly RoomEntry[],
    member: RoomMember,
    bounds: RoomBounds,
  ): Promise<Entered[]> {
    for (const { id, mayCreate, maxMembers } of entries) {
      const stored = this.stored.get(keyOf(realm, id));
      if (!stored && !mayCreate) throw new DomainError('ROOM_NOT_FOUND', { room: id });
      if (stored && !memberOf(stored, member.id)) checkMembers(stored.room, Math.min(maxMembers, bounds.maxMembers));
    }
    const missing = entries.filter(({ id }) => !this.stored.has(keyOf(realm, id)));
    this.checkBounds(
      realm,
      missing.map(({ id }) => id),
      bounds,
    );
    return entries.map(({ id, attributes }) => {
      const stored = this.stored.get(keyOf(realm, id)) ?? this.add({ realm, id, name: id }, member.joinedAt, bounds);
      const before = memberOf(stored, member.id);
      const members = withMember(stored.room.members, { ...(before ?? member), attributes });
      const change = this.change(stored, before ? 'updated' : 'joined', member.id, { members });
      return { room: this.announce([change])[0]!, isNew: before === undefined };
    });
  }

  override async setMemberAttributes(
    realm: string,
    clientId: string,
    attributes: ReadonlyMap<string, Attributes>,
  ): Promise<Room[]> {
    const changes = [...attributes].flatMap(([id, ofMember]) => {
      const stored = this.stored.get(keyOf(realm, id));
      const member = stored && memberOf(stored, clientId);
      if (!member) return [];
      const members = withMember(stored.room.members, { ...member, attributes: ofMember });
      return this.change(stored, 'updated', clientId, { members });
    });
    return this.announce(changes);
  }

  override async setAttributes(realm: string, id: string, attributes: Attributes): Promise<Room> {
    return this.announce([this.change(this.get(realm, id), 'updated', undefined, { attributes })])[0]!;
  }

  override async leave(realm: string, id: string, clientId: string): Promise<Room> {
    const stored = this.get(realm, id);
    const member = memberOf(stored, clientId);
    if (!member) throw new DomainError('NOT_IN_ROOM', { room: id });
    return this.removeMember(stored, member);
  }

  override async end(realm: string, id: string, by?: string): Promise<Room> {
    const stored = this.get(realm, id);
    if (by !== undefined && stored.room.creator !== by) throw new DomainError('NOT_ROOM_CREATOR', { room: id });
    return this.announce([this.change(stored, 'ended', undefined, {})])[0]!;
  }

  override async move(realm: string, clientId: string, node: string, rooms: readonly string[]): Promise<Room[]> {
    return rooms.flatMap((id) => {
      const stored = this.stored.get(keyOf(realm, id));
      const member = stored && memberOf(stored, clientId);
      if (!member) return [];
      const members = withMember(stored.room.members, { ...member, node });
      return this.announce([this.change(stored, 'moved', clientId, { members })], member.node);
    });
  }

  /** A hub loses no rooms, so there are only members to remove. */
  override async restore(node: string, isMember: IsMember): Promise<void> {
    for (const stored of this.stored.values()) {
      const { realm, id, members } = stored.room;
      const gone = members.filter((member) => member.node === node && !isMember(realm, id, member.id));
      for (const member of gone) this.removeMember(stored, member);
    }
  }

  override async find(realm: string, id: string): Promise<Room | undefined> {
    return this.stored.get(keyOf(realm, id))?.room;
  }

  override async existing(realm: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(ids.filter((id) => this.stored.has(keyOf(realm, id))));
  }

  override async list(query: RoomQuery): Promise<Page<Room>> {
    const { realm, idPrefix = '' } = query;
    const { items, cursor } = pageOf(this.stored.values(), query, ({ room }) => {
      return room.realm === (realm ?? room.realm) && room.id.startsWith(idPrefix) && !isGroupRoom(room.id);
    });
    return { items: items.map(({ room }) => room), cursor };
  }

  override async realms(query: PageQuery): Promise<Page<RealmCount>> {
    return realmsOf(this.listed().map(({ realm }) => realm), query); // prettier-ignore
  }

  override async count(): Promise<number> {
    return this.listed().length;
  }

  /** All rooms without those of groups. */
  private listed(): Room[] {
    return [...this.stored.values()].map(({ room }) => room).filter(({ id }) => !isGroupRoom(id));
  }

  private get(realm: string, id: string): Stored {
    const stored = this.stored.get(keyOf(realm, id));
    if (!stored) throw new DomainError('ROOM_NOT_FOUND', { room: id });
    return stored;
  }

  private add(room: NewRoom, since: number, { address }: RoomBounds): Stored {
    const stored = {
      sequence: ++this.sequence,
      group: address?.group,
      room: { ...room, since, members: [], version: 0 },
    };
    this.stored.set(keyOf(room.realm, room.id), stored);
    return stored;
  }

  private checkBounds(realm: string, ids: readonly string[], { maxRooms, maxRoomsOfRealm, address }: RoomBounds): void {
    if (ids.length === 0) return;
    checkLimit('rooms', maxRooms, this.stored.size + ids.length);
    const further = ids.filter((id) => !isGroupRoom(id)).length;
    const ofRealm = this.listed().filter((room) => room.realm === realm).length;
    if (further > 0) checkLimit('rooms of a realm', maxRoomsOfRealm, ofRealm + further);
    const ofAddress = [...this.stored.values()].filter(({ group }) => group === address?.group).length;
    checkLimit('rooms of an address', address?.maxRooms, ofAddress + ids.length);
  }

  private removeMember(stored: Stored, { id, node }: RoomMember): Room {
    const { members, creator } = stored.room;
    const next = {
      members: members.filter((member) => member.id !== id),
      creator: creator === id ? undefined : creator,
    };
    return this.announce([this.change(stored, 'left', id, next)], node)[0]!;
  }

  /** Changes a room, and removes it if that has ended it. */
  private change(stored: Stored, kind: RoomChange['kind'], client: string | undefined, next: Next): RoomChange {
    const room = (stored.room = { ...stored.room, ...next, version: stored.room.version + 1 });
    const isEmpty = room.members.length === 0 && !room.isPermanent;
    if (kind === 'ended' || isEmpty) this.stored.delete(keyOf(room.realm, room.id));
    return { kind, client, room };
  }

  /** Announces changes to the servers with members in the rooms, and to one that has none any more. Returns the rooms. */
  private announce(changes: readonly RoomChange[], formerNode?: string): Room[] {
    for (const [node, listener] of this.listeners) {
      const concerning = changes.filter(
        ({ room }) => node === formerNode || room.members.some((member) => member.node === node),
      );
      if (concerning.length > 0) listener(concerning);
    }
    return changes.map(({ room }) => room);
  }
}

function keyOf(realm: string, id: string): string {
  return JSON.stringify([realm, id]);
}

function memberOf({ room }: Stored, id: string): RoomMember | undefined {
  return room.members.find((member) => member.id === id);
}

/** Returns the members with one in place of its former state, or behind the others. */
function withMember(members: readonly RoomMember[], changed: RoomMember): RoomMember[] {
  const isPresent = members.some(({ id }) => id === changed.id);
  return isPresent ? members.map((member) => (member.id === changed.id ? changed : member)) : [...members, changed];
}

function checkMembers({ members }: Room, maxMembers: number): void {
  checkLimit('members of a room', maxMembers, members.length + 1);
}

function checkLimit(what: string, limit = Infinity, actual: number): void {
  if (actual > limit) throw new DomainError('LIMIT_REACHED', { what, limit });
}
