import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { ClientsService } from '../clients/clients.service.js';
import { DomainError, isDomainError } from '../common/domain-error.js';
import { IdGenerator } from '../common/ids.js';
import { MessageBus } from '../common/message-bus.js';
import { NodeIdentity } from '../common/node-identity.js';
import type { Page } from '../common/page.js';
import { RealmMap } from '../common/realm-map.js';
import type { Room, RoomChange, RoomMember } from '../common/room.js';
import { settled } from '../common/settled.js';
import { Config } from '../config/config.js';
import { RoomStore, type RoomBounds, type RoomQuery } from './room-store.js';

/** Which rooms there are, who is in them, and that every member hears of every change. */
@Injectable()
export class RoomsService {
  /** The rooms that have members on this node, in the newest state that is known here. */
  private readonly here = new RealmMap<Room>();
  private readonly bounds: RoomBounds;

  constructor(
    private readonly store: RoomStore,
    private readonly clients: ClientsService,
    private readonly bus: MessageBus,
    private readonly node: NodeIdentity,
    private readonly ids: IdGenerator,
    private readonly config: Config,
  ) {
    this.bounds = { maxRooms: config.maxRooms, maxMembers: config.maxRoomMembers };
    bus.onMessage('room', ({ change }) => this.applyHere(change));
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
    const { maxIdLength, maxNameLength, maxRoomsCreatedPerClient } = this.config;
    limit('characters of a room id', maxIdLength, id.length);
    limit('characters of a room name', maxNameLength, name.length);
    limit('rooms created by a client', maxRoomsCreatedPerClient, client.createdRooms.size + 1);
    this.limitJoined(client);
    const room = await this.store.create({ realm: client.realm, id, name }, this.member(client), this.bounds);
    client.rooms.add(id);
    client.createdRooms.add(id);
    this.remember(room);
    return room;
  }

  /**
   * Adds the client to a room; every member, the new one too, is told.
   * @throws DomainError ROOM_NOT_FOUND, ALREADY_IN_ROOM, LIMIT_REACHED
   */
  async join(client: Client, id: string): Promise<Room> {
    if (!client.rooms.has(id)) this.limitJoined(client);
    const room = await this.store.join(client.realm, id, this.member(client), this.bounds);
    client.rooms.add(id);
    await this.announce({ kind: 'joined', client: client.id, room });
    return room;
  }

  /**
   * Takes the client out of a room; the remaining members are told.
   * @throws DomainError ROOM_NOT_FOUND, NOT_IN_ROOM
   */
  async leave(client: Client, id: string): Promise<Room> {
    const room = await this.store.leave(client.realm, id, client.id);
    forget(client, id);
    await this.announce({ kind: 'left', client: client.id, room });
    return room;
  }

  /**
   * Takes the client out of all its rooms.
   * @throws what the first room that could not be left has thrown, after all the others were left
   */
  async leaveAll(client: Client): Promise<void> {
    await settled([...client.rooms].map((id) => this.leaveIfJoined(client, id)));
  }

  private async leaveIfJoined(client: Client, id: string): Promise<void> {
    try {
      await this.leave(client, id);
    } catch (error) {
      // Somebody may have ended the room in the meantime: then nothing is left to do.
      if (!isDomainError(error) || !['ROOM_NOT_FOUND', 'NOT_IN_ROOM'].includes(error.code)) throw error;
    }
  }

  /**
   * Ends a room at its creator's wish; every member, the creator too, is told.
   * @throws DomainError ROOM_NOT_FOUND, NOT_ROOM_CREATOR
   */
  async end(client: Client, id: string): Promise<Room> {
    const room = await this.store.end(client.realm, id, client.id);
    await this.announce({ kind: 'ended', room });
    return room;
  }

  /** A room that the client is in, or undefined. */
  findJoined(client: Client, id: string): Room | undefined {
    return client.rooms.has(id) ? this.here.get(client.realm, id) : undefined;
  }

  /** The members of a room that are connected to this node. */
  membersHere(realm: string, id: string): Client[] {
    const members = this.here.get(realm, id)?.members ?? [];
    return members
      .filter(({ node }) => node === this.node.name)
      .map((member) => this.clients.findHere(realm, member.id))
      .filter((client) => client !== undefined);
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

  /** Rooms of all nodes, page by page. */
  list(query: RoomQuery): Promise<Page<Room>> {
    return this.store.list(query);
  }

  /** Tells the members on this node, and the nodes of the other ones. */
  private async announce(change: RoomChange): Promise<void> {
    this.applyHere(change);
    const others = this.otherNodesOf(change.room);
    await settled(others.map((node) => this.bus.send(node, { version: 1, type: 'room', change })));
  }

  private applyHere(change: RoomChange): void {
    const { room, kind } = change;
    let membersHere = 0;
    for (const member of room.members) {
      if (member.node !== this.node.name) continue;
      membersHere++;
      const client = this.clients.findHere(room.realm, member.id);
      if (!client) continue;
      if (kind === 'ended') forget(client, room.id);
      client.roomChanged(change);
    }
    this.remember(room, membersHere > 0 && kind !== 'ended');
  }

  /** Keeps the newest state: news of other nodes and our own may come in any order. */
  private remember(room: Room, isHere = true): void {
    const known = this.here.get(room.realm, room.id);
    if (known?.since === room.since && known.version >= room.version) return;
    if (isHere) this.here.set(room.realm, room.id, room);
    else this.here.delete(room.realm, room.id);
  }

  private member(client: Client): RoomMember {
    return { id: client.id, node: this.node.name, joinedAt: Date.now() };
  }

  private limitJoined(client: Client): void {
    limit('rooms joined by a client', this.config.maxRoomsJoinedPerClient, client.rooms.size + 1);
  }
}

/** @throws DomainError LIMIT_REACHED */
function limit(what: string, allowed: number, wanted: number): void {
  if (wanted > allowed) throw new DomainError('LIMIT_REACHED', { what, limit: allowed });
}

function forget(client: Client, id: string): void {
  client.rooms.delete(id);
  client.createdRooms.delete(id);
}
