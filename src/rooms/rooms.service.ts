import { Injectable } from '@nestjs/common';
import { ClientDirectory } from '../clients/client-directory.js';
import type { Attributes } from '../common/attributes.js';
import type { Page, PageQuery, RealmCount } from '../common/page.js';
import { RandomIds } from '../common/random-ids.js';
import { copyOf, type Room } from '../common/room.js';
import { RoomEvents } from './room-events.js';
import { refuseGroup, RoomLimits } from './room-limits.js';
import { type RoomQuery, RoomStore } from './room-store.js';

/** The rooms of all nodes, for applications. Every member is notified of every change of its rooms. */
@Injectable()
export class RoomsService {
  /** @internal */
  constructor(
    private readonly store: RoomStore,
    private readonly ids: RandomIds,
    private readonly events: RoomEvents,
    private readonly limits: RoomLimits,
    private readonly clients: ClientDirectory,
  ) {}

  /**
   * Creates a room without members for the server itself. It exists until it is ended.
   * @throws DomainError ROOM_EXISTS, LIMIT_REACHED
   */
  async createPermanent(realm: string, request: { id?: string; name?: string }): Promise<Room> {
    const { id = this.ids.room(), name = '' } = request;
    this.limits.checkId(id);
    this.limits.checkName(name);
    const room = await this.store.create({ realm, id, name }, undefined, this.limits.boundsIn(realm));
    this.events.created(room);
    return room;
  }

  /**
   * Ends a room for the server itself.
   * @throws DomainError ROOM_NOT_FOUND
   */
  async endByServer(realm: string, id: string): Promise<Room> {
    refuseGroup(id);
    const room = await this.store.end(realm, id);
    this.events.ended(room);
    return room;
  }

  /**
   * Removes a client from a room for the server itself. The client is notified, too.
   * @throws DomainError ROOM_NOT_FOUND, NOT_IN_ROOM
   */
  async removeMember(realm: string, id: string, clientId: string): Promise<Room> {
    refuseGroup(id);
    const member = await this.clients.find(realm, clientId);
    const room = await this.store.leave(realm, id, clientId);
    this.events.left(room, { id: clientId, identity: { sub: member?.user } });
    return copyOf(room);
  }

  /**
   * Sets the attributes of a room.
   * @throws DomainError ROOM_NOT_FOUND
   */
  async setAttributes(realm: string, id: string, attributes: Attributes): Promise<Room> {
    return copyOf(await this.store.setAttributes(realm, id, attributes));
  }

  find(realm: string, id: string): Promise<Room | undefined> {
    return this.store.find(realm, id);
  }

  /** Those of some ids that belong to rooms on any node. */
  existing(realm: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    return this.store.existing(realm, ids);
  }

  /** Rooms of all nodes, page by page. */
  list(query: RoomQuery): Promise<Page<Room>> {
    return this.store.list(query);
  }

  /** Realms that have rooms on any node, page by page. */
  realms(query: PageQuery): Promise<Page<RealmCount>> {
    return this.store.realms(query);
  }

  /** Number of rooms on all nodes. */
  count(): Promise<number> {
    return this.store.count();
  }
}
