import { Injectable } from '@nestjs/common';
import type { Client, Memberships } from '../clients/client.js';
import { ClientsService } from '../clients/clients.service.js';
import type { Attributes } from '../common/attributes.js';
import { sharingGroup, shareOf } from '../common/address-share.js';
import { Backplane } from '../common/backplane.js';
import { costOf } from '../common/cost.js';
import { DomainError, isDomainError } from '../common/domain-error.js';
import { groupRoom, isGroupRoom } from '../common/group.js';
import { IdGenerator } from '../common/ids.js';
import { NodeIdentity } from '../common/node-identity.js';
import type { Page, PageQuery, RealmCount } from '../common/page.js';
import { RealmMap } from '../common/realm-map.js';
import type { Room, RoomChange, RoomMember } from '../common/room.js';
import { ServerEvents } from '../common/server-events.js';
import { settled } from '../common/settled.js';
import { LimitOptions } from '../config/sections/limit.options.js';
import { RoomStore, type RoomBounds, type RoomEntry, type RoomQuery } from './room-store.js';

/** What clients of this node were told of changes: in how many bytes, how many clients, and how many pieces of news. */
interface Told {
  readonly bytes: number;
  readonly receivers: number;
  readonly news: number;
}

/** Which rooms there are, who is in them, and that every member hears of every change. */
@Injectable()
export class RoomsService {
  /** The rooms that have members on this node, as the store has told of them. */
  private readonly here = new RealmMap<Room>();
  private readonly bounds: RoomBounds;

  constructor(
    private readonly store: RoomStore,
    private readonly clients: ClientsService,
    private readonly node: NodeIdentity,
    private readonly ids: IdGenerator,
    private readonly events: ServerEvents,
    private readonly limits: LimitOptions,
    backplane: Backplane,
  ) {
    backplane.onReturn(() => this.restore());
    this.bounds = { maxRooms: limits.maxRooms, maxMembers: limits.maxRoomMembers };
    store.listen(node.name, (changes) => this.apply(changes));
  }

  /**
   * Makes a room with the client as its creator and first member. Nobody else is told.
   * @param request the room's id (default, also for an empty one: a new one) and its name for people
   * @throws DomainError ROOM_EXISTS, LIMIT_REACHED
   */
  async create(client: Client, request: { id?: string | null; name?: string | null }): Promise<Room> {
    const name = request.name ?? '';
    let id = request.id ?? '';
    if (id === '') id = this.ids.room();
    const { maxNameLength, maxRoomsCreatedPerClient } = this.limits;
    this.checkNewId(id);
    limit('characters of a room name', maxNameLength, name.length);
    limit('rooms created by a client', maxRoomsCreatedPerClient, client.createdRooms.size + 1);
    this.limitJoined(client);
    const bounds = this.boundsOf(client);
    const room = await this.store.create({ realm: client.realm, id, name }, this.member(client), bounds);
    this.noteJoined(room, client.id);
    await this.leaveIfGone(client, id);
    return room;
  }

  /**
   * Makes a room without members, at the server's own wish. It exists until it is ended.
   * @throws DomainError ROOM_EXISTS, LIMIT_REACHED
   */
  async createPermanent(realm: string, request: { id?: string; name?: string }): Promise<Room> {
    const { id = this.ids.room(), name = '' } = request;
    this.checkNewId(id);
    limit('characters of a room name', this.limits.maxNameLength, name.length);
    const room = await this.store.create({ realm, id, name }, undefined, this.bounds);
    this.events.emit('roomCreated', { realm, room: id, node: this.node.name });
    return room;
  }

  /**
   * Ends a room at the server's own wish; every member is told.
   * @throws DomainError ROOM_NOT_FOUND
   */
  async endByServer(realm: string, id: string): Promise<Room> {
    refuseGroup(id);
    const room = await this.store.end(realm, id);
    this.noteEnded(room);
    return room;
  }

  /**
   * Takes a client out of a room at the server's own wish; it is told, and so are the remaining members.
   * @throws DomainError ROOM_NOT_FOUND, NOT_IN_ROOM
   */
  async removeMember(realm: string, id: string, clientId: string): Promise<Room> {
    refuseGroup(id);
    const room = await this.store.leave(realm, id, clientId);
    this.noteLeft(room, clientId);
    return room;
  }

  /**
   * Adds the client to a room; every member, the new one too, is told.
   * @throws DomainError ROOM_NOT_FOUND, ALREADY_IN_ROOM, LIMIT_REACHED
   */
  async join(client: Client, id: string): Promise<Room> {
    refuseGroup(id);
    if (!client.rooms.has(id)) this.limitJoined(client);
    const room = await this.store.join(client.realm, id, this.member(client), this.bounds);
    this.noteJoined(room, client.id);
    await this.leaveIfGone(client, id);
    return room;
  }

  /**
   * Brings the client into several rooms at once, into all of them or into none, and into groups. Rooms that are missing are
   * made. Every member is told; of a room in which the client was already, that its attributes were updated.
   * @param change groups to enter, and rooms (of groups, too) that the client leaves if it could enter
   * @returns the rooms in the order of `entries`
   * @throws DomainError ROOM_NOT_FOUND for a missing room that is not to be made, LIMIT_REACHED
   */
  async enter(
    client: Client,
    entries: readonly RoomEntry[],
    { groups = [], leaving = [] }: { groups?: readonly string[]; leaving?: readonly string[] } = {},
  ): Promise<Room[]> {
    for (const { id } of entries) this.checkNewId(id);
    const more = entries.filter(({ id }) => !client.rooms.has(id)).length;
    this.limitJoined(client, more - leaving.filter((id) => !isGroupRoom(id)).length);
    const all = [...entries, ...groups.map((group) => groupEntry(group, this.bounds))];
    const entered = await this.store.enter(client.realm, all, this.member(client), this.boundsOf(client));
    for (const { room, isNew } of entered) if (isNew) this.noteJoined(room, client.id);
    await settled(leaving.map((id) => this.leaveIfJoined(client, id)));
    await this.leaveIfGone(client, ...all.map(({ id }) => id));
    return entered.slice(0, entries.length).map(({ room }) => room);
  }

  /**
   * Sets what rooms show of a member. Every member hears of all its rooms together.
   * @param attributes by the ids of rooms; those that the client is not in are left out
   * @returns the rooms
   */
  async setMemberAttributes(
    { realm, id, rooms }: Client,
    attributes: ReadonlyMap<string, Attributes>,
  ): Promise<Room[]> {
    const joined = new Map([...attributes].filter(([room]) => rooms.has(room)));
    return joined.size > 0 ? this.store.setMemberAttributes(realm, id, joined) : [];
  }

  /**
   * Sets what a room shows of itself; every member is told.
   * @throws DomainError ROOM_NOT_FOUND
   */
  setAttributes(realm: string, id: string, attributes: Attributes): Promise<Room> {
    return this.store.setAttributes(realm, id, attributes);
  }

  /**
   * Takes the client out of a room; the remaining members are told.
   * @throws DomainError ROOM_NOT_FOUND, NOT_IN_ROOM
   */
  async leave(client: Client, id: string): Promise<Room> {
    refuseGroup(id);
    return this.quit(client, id);
  }

  private async quit(client: Client, id: string): Promise<Room> {
    const [wasMember, wasCreator] = [client.rooms.has(id), client.createdRooms.has(id)];
    forget(client, id);
    try {
      const room = await this.store.leave(client.realm, id, client.id);
      this.noteLeft(room, client.id);
      return room;
    } catch (error) {
      if (!isNoMember(error)) {
        if (wasMember) client.rooms.add(id);
        if (wasCreator) client.createdRooms.add(id);
      }
      throw error;
    }
  }

  /**
   * Takes the client out of all its rooms.
   * @throws what the first room that could not be left has thrown, after all the others were left
   */
  async leaveAll(client: Client): Promise<void> {
    await settled([...client.rooms].map((id) => this.leaveIfJoined(client, id)));
  }

  /** As `leave`, but whoever is not in the room has left it. */
  async leaveIfJoined(client: Client, id: string): Promise<void> {
    try {
      await this.quit(client, id);
    } catch (error) {
      // Somebody may have ended the room in the meantime: then nothing is left to do.
      if (!isNoMember(error)) throw error;
    }
  }

  /** A client may have gone, or have been taken over by another node, while the store brought it into a room. */
  private async leaveIfGone(client: Client, ...ids: readonly string[]): Promise<void> {
    if (this.clients.findHere(client.realm, client.id)) return;
    await settled(ids.map((id) => this.leaveIfJoined(client, id)));
  }

  /** Brings a client that was connected to another node into the rooms that it was in there. Nobody is told. */
  async moveHere(client: Client, { rooms, createdRooms }: Memberships): Promise<void> {
    const moved = await this.store.move(client.realm, client.id, this.node.name, rooms);
    for (const { id } of moved) {
      client.rooms.add(id);
      if (createdRooms.includes(id)) client.createdRooms.add(id);
    }
    await this.leaveIfGone(client, ...rooms);
  }

  /** Makes the store agree with this node about its clients' rooms, after the two could not reach one another. */
  private restore(): Promise<void> {
    return this.store.restore(this.node.name, (realm, room, id) => {
      return this.clients.findHere(realm, id)?.rooms.has(room) ?? false;
    });
  }

  /**
   * Ends a room at its creator's wish; every member, the creator too, is told.
   * @throws DomainError ROOM_NOT_FOUND, NOT_ROOM_CREATOR
   */
  async end(client: Client, id: string): Promise<Room> {
    refuseGroup(id);
    const room = await this.store.end(client.realm, id, client.id);
    this.noteEnded(room);
    return room;
  }

  /** Ids of the rooms that a client is in, without its groups. */
  joinedBy(client: Client): string[] {
    return [...client.rooms].filter((id) => !isGroupRoom(id));
  }

  /** A room that the client is in, or undefined. */
  findJoined(client: Client, id: string): Room | undefined {
    return client.rooms.has(id) ? this.here.get(client.realm, id) : undefined;
  }

  /** The members of a room that are connected to this node. */
  membersHere(realm: string, id: string): Client[] {
    const room = this.here.get(realm, id);
    return room ? this.clientsOf(room) : [];
  }

  /** Names of the other nodes that members of a room are connected to. */
  otherNodesOf({ members }: Room): string[] {
    const nodes = new Set(members.map(({ node }) => node));
    nodes.delete(this.node.name);
    return [...nodes];
  }

  /** A room, wherever its members are. */
  find(realm: string, id: string): Promise<Room | undefined> {
    return this.store.find(realm, id);
  }

  /** Which of some ids are those of rooms, wherever their members are. */
  existing(realm: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    return this.store.existing(realm, ids);
  }

  /**
   * Makes sure that a client asks for no more rooms at once than it may be in, before anything is looked up.
   * @throws DomainError LIMIT_REACHED
   */
  limitNamed(count: number): void {
    limit('rooms joined by a client', this.limits.maxRoomsJoinedPerClient, count);
  }

  /** The realms that have rooms on any node, page by page. */
  realms(query: PageQuery): Promise<Page<RealmCount>> {
    return this.store.realms(query);
  }

  /** Number of rooms on all nodes. */
  count(): Promise<number> {
    return this.store.count();
  }

  /** Rooms of all nodes, page by page. */
  list(query: RoomQuery): Promise<Page<Room>> {
    return this.store.list(query);
  }

  /** Takes note of changes that belong together, and tells the clients of this node whom they concern. */
  private apply(changes: readonly RoomChange[]): void {
    const told = new Map<Client, RoomChange[]>();
    for (const change of changes) {
      for (const client of this.note(change)) {
        const concerning = told.get(client);
        if (concerning) concerning.push(change);
        else told.set(client, [change]);
      }
    }
    let bytes = 0;
    let news = 0;
    for (const [client, concerning] of told) {
      bytes += client.roomsChanged(concerning);
      news += concerning.length;
    }
    this.charge(changes, { bytes, receivers: told.size, news });
  }

  /** Makes the client that has made changes pay for them: for what members were told here, and as much for each elsewhere. */
  private charge(changes: readonly RoomChange[], { bytes, receivers, news }: Told): void {
    const [change] = changes;
    if (!change) return;
    const { client, room } = change;
    const payer = this.clients.findHere(room.realm, client ?? room.creator ?? '');
    if (!payer) return;
    const members = changes.reduce((sum, change) => sum + change.room.members.length, 0);
    const scale = news === 0 ? 0 : members / news;
    payer.charge(costOf({ bytes: bytes * scale, receivers: receivers * scale || members, entries: changes.length }));
  }

  /** Takes note of a change; returns the clients of this node that are to be told. */
  private note({ room, kind, client: id }: RoomChange): Client[] {
    const { realm } = room;
    const members = this.clientsOf(room);
    const concerned = id === undefined ? undefined : this.clients.findHere(realm, id);
    if (kind === 'ended' || !room.members.some(({ node }) => node === this.node.name)) this.here.delete(realm, room.id);
    else this.here.set(realm, room.id, room);
    switch (kind) {
      case 'created':
        concerned?.rooms.add(room.id);
        concerned?.createdRooms.add(room.id);
        return [];
      case 'moved':
        return [];
      case 'joined':
        if (concerned && members.includes(concerned)) concerned.rooms.add(room.id);
        break;
      case 'left':
        // Whoever leaves by itself has forgotten the room by now, and gets an answer.
        if (concerned?.rooms.has(room.id)) {
          forget(concerned, room.id);
          members.push(concerned);
        }
        break;
      case 'ended':
        for (const client of members) forget(client, room.id);
        break;
    }
    return isGroupRoom(room.id) ? [] : members;
  }

  private clientsOf({ realm, members }: Room): Client[] {
    return members
      .filter(({ node }) => node === this.node.name)
      .map(({ id }) => this.clients.findHere(realm, id))
      .filter((client) => client !== undefined);
  }

  private member(client: Client): RoomMember {
    return { id: client.id, node: this.node.name, joinedAt: Date.now() };
  }

  private boundsOf({ address }: Client): RoomBounds {
    const group = sharingGroup(address);
    if (group === undefined) return this.bounds;
    const maxRooms = shareOf(this.limits.maxRooms, this.limits.maxSharePerAddress);
    return { ...this.bounds, address: { group, maxRooms } };
  }

  /** @throws DomainError LIMIT_REACHED; ROOM_NOT_FOUND for what only the server can name */
  private checkNewId(id: string): void {
    limit('characters of a room id', this.limits.maxIdLength, id.length);
    refuseGroup(id);
  }

  private noteEnded({ realm, id }: Room): void {
    this.events.emit('roomEnded', { realm, room: id, node: this.node.name });
  }

  private noteJoined({ realm, id, version }: Room, client: string): void {
    if (isGroupRoom(id)) return;
    if (version === 1) this.events.emit('roomCreated', { realm, room: id, node: this.node.name });
    this.events.emit('roomJoined', { realm, room: id, client, node: this.node.name });
  }

  private noteLeft(room: Room, client: string): void {
    const { realm, id, members, isPermanent } = room;
    if (isGroupRoom(id)) return;
    this.events.emit('roomLeft', { realm, room: id, client, node: this.node.name });
    if (members.length === 0 && !isPermanent) this.noteEnded(room);
  }

  private limitJoined(client: Client, more = 1): void {
    limit('rooms joined by a client', this.limits.maxRoomsJoinedPerClient, this.joinedBy(client).length + more);
  }
}

/** Whether the reason is that there is no such member, so that nothing is left to do. */
function isNoMember(error: unknown): boolean {
  return isDomainError(error) && ['ROOM_NOT_FOUND', 'NOT_IN_ROOM'].includes(error.code);
}

/** @throws DomainError LIMIT_REACHED */
function limit(what: string, allowed: number, wanted: number): void {
  if (wanted > allowed) throw new DomainError('LIMIT_REACHED', { what, limit: allowed });
}

/** @throws DomainError ROOM_NOT_FOUND for what only the server can name */
function refuseGroup(id: string): void {
  if (isGroupRoom(id)) throw new DomainError('ROOM_NOT_FOUND', { room: id });
}

function groupEntry(group: string, { maxMembers }: RoomBounds): RoomEntry {
  return { id: groupRoom(group), mayCreate: true, maxMembers };
}

function forget(client: Client, id: string): void {
  client.rooms.delete(id);
  client.createdRooms.delete(id);
}
