import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { allDone } from '../common/all-done.js';
import type { Attributes } from '../common/attributes.js';
import { groupRoom, isGroupRoom } from '../common/group.js';
import { RandomIds } from '../common/random-ids.js';
import type { Room } from '../common/room.js';
import type { LeaveReason } from '../events/server-event.js';
import { RoomEvents } from './room-events.js';
import { refuseGroup, RoomLimits } from './room-limits.js';
import { type PermittedEntry, RoomPermits } from './room-permits.js';
import { type RoomEntry, RoomStore } from './room-store.js';
import { isNotMember, RoomsHere } from './rooms-here.js';

/** What the clients of this node do in rooms. Every member, on any node, is notified of every change of its rooms. */
@Injectable()
export class ClientRooms {
  /** @internal */
  constructor(
    private readonly store: RoomStore,
    private readonly here: RoomsHere,
    private readonly ids: RandomIds,
    private readonly events: RoomEvents,
    private readonly permits: RoomPermits,
    private readonly limits: RoomLimits,
  ) {}

  /**
   * Creates a room with the client as its creator and first member.
   * @param request id of the room (generated if missing or empty) and its display name
   * @throws DomainError NOT_AUTHORIZED, ROOM_EXISTS, LIMIT_REACHED
   */
  async create(client: Client, request: { id?: string | null; name?: string | null }): Promise<Room> {
    const name = request.name ?? '';
    let id = request.id ?? '';
    if (id === '') id = this.ids.room();
    this.limits.checkId(id);
    this.limits.checkName(name);
    this.limits.checkCreated(client);
    this.limits.checkJoined(client);
    const asked = this.permits.toCreate(client, id);
    if (asked) await asked;
    const bounds = this.limits.boundsOf(client);
    const room = await this.store.create({ realm: client.realm, id, name }, this.here.member(client), bounds);
    await this.leaveIfGone(client, id);
    return room;
  }

  /**
   * Adds a client to a room.
   * @throws DomainError NOT_AUTHORIZED, ROOM_NOT_FOUND, ALREADY_IN_ROOM, LIMIT_REACHED
   */
  async join(client: Client, id: string): Promise<Room> {
    refuseGroup(id);
    if (!client.rooms.has(id)) this.limits.checkJoined(client);
    const asked = this.permits.toJoin(client, id);
    if (asked) await asked;
    const room = await this.store.join(client.realm, id, this.here.member(client), this.limits.boundsIn(client.realm));
    await this.leaveIfGone(client, id);
    return room;
  }

  /**
   * Adds a client to several rooms and groups, to all of them or to none. Missing rooms are created. In rooms that the
   * client is already in, its attributes are updated.
   * @param entries may differ from the defaults: missing rooms may be created, `maxRoomMembers`, no attributes
   * @param change groups to enter, and rooms or groups to leave after that
   * @returns the rooms in the order of `entries`
   * @throws DomainError NOT_AUTHORIZED; ROOM_NOT_FOUND for a missing room that may not be created; LIMIT_REACHED
   */
  async enter(
    client: Client,
    entries: readonly (Pick<RoomEntry, 'id'> & Partial<RoomEntry>)[],
    change?: { groups?: readonly string[]; leaving?: readonly string[] },
  ): Promise<Room[]> {
    return this.enterPermitted(client, await this.permitted(client, entries), change);
  }

  /**
   * The first part of `enter`: asks whether a client may enter rooms. Nothing changes.
   * @throws DomainError NOT_AUTHORIZED; LIMIT_REACHED, ROOM_NOT_FOUND for an id that no room may have
   */
  async permitted(
    client: Client,
    entries: readonly (Pick<RoomEntry, 'id'> & Partial<RoomEntry>)[],
  ): Promise<PermittedEntry[]> {
    const { maxMembers } = this.limits.boundsIn(client.realm);
    for (const { id } of entries) this.limits.checkId(id);
    const all = entries.map((entry) => ({ mayCreate: true, maxMembers, ...entry }));
    return this.permits.toEnter(client, all);
  }

  /** The second part of `enter`. */
  async enterPermitted(
    client: Client,
    entries: readonly PermittedEntry[],
    { groups = [], leaving = [] }: { groups?: readonly string[]; leaving?: readonly string[] } = {},
  ): Promise<Room[]> {
    const more = entries.filter(({ id }) => !client.rooms.has(id)).length;
    this.limits.checkJoined(client, more - leaving.filter((id) => !isGroupRoom(id)).length);
    const { maxMembers } = this.limits.boundsIn(client.realm);
    const all = [...entries, ...groups.map((group) => ({ id: groupRoom(group), mayCreate: true, maxMembers }))];
    const entered = await this.store.enter(client.realm, all, this.here.member(client), this.limits.boundsOf(client));
    await allDone(leaving.map((id) => this.leaveIfJoined(client, id)));
    await this.leaveIfGone(client, ...all.map(({ id }) => id));
    return entered.slice(0, entries.length).map(({ room }) => room);
  }

  /**
   * Sets the attributes of a member in several rooms. Every other member gets the changes of all its rooms together.
   * @param attributes by room id; rooms that the client is not in are skipped
   * @returns the changed rooms
   */
  async setMemberAttributes(
    { realm, id, rooms }: Client,
    attributes: ReadonlyMap<string, Attributes>,
  ): Promise<Room[]> {
    const joined = new Map([...attributes].filter(([room]) => rooms.has(room)));
    return joined.size > 0 ? this.store.setMemberAttributes(realm, id, joined) : [];
  }

  /**
   * Takes a client out of a room. The client itself gets no notice.
   * @throws DomainError NOT_IN_ROOM; ROOM_NOT_FOUND, also for a room that its identity does not allow
   */
  async leave(client: Client, id: string): Promise<Room> {
    refuseGroup(id);
    this.permits.refuseUnknown(client, id);
    return this.here.leave(client, id, 'left');
  }

  /** As `leave`, also for groups, and without an error if the client is not in the room. */
  async leaveIfJoined(client: Client, id: string, reason: LeaveReason = 'left'): Promise<void> {
    try {
      await this.here.leave(client, id, reason);
    } catch (error) {
      if (!isNotMember(error)) throw error;
    }
  }

  /**
   * Takes a client that has disconnected out of all its rooms and groups.
   * @throws the first error, after all other rooms have been left
   */
  async leaveAll(client: Client): Promise<void> {
    await allDone([...client.rooms].map((id) => this.leaveIfJoined(client, id, 'disconnected')));
  }

  /**
   * Ends a room at the request of its creator.
   * @throws DomainError NOT_ROOM_CREATOR; ROOM_NOT_FOUND, also for a room that the client's identity does not allow
   */
  async end(client: Client, id: string): Promise<Room> {
    refuseGroup(id);
    this.permits.refuseUnknown(client, id);
    const room = await this.store.end(client.realm, id, client.id);
    this.events.ended(room, 'ended by creator');
    return room;
  }

  /** Makes a client that was connected to another node a member from this node in its rooms. Members get no notice. */
  async moveHere(client: Client, rooms: readonly string[]): Promise<void> {
    await this.here.move(client, rooms);
    await this.leaveIfGone(client, ...rooms);
  }

  /** Takes a client out of the rooms that its new identity does not allow. */
  async leaveForbidden(client: Client): Promise<void> {
    await allDone(this.permits.forbidden(client).map((id) => this.leaveIfJoined(client, id, 'not permitted')));
  }

  /**
   * Emits the events of the rooms that a client has taken over, and takes it out of those that it may not keep: rooms
   * that its identity does not allow, and all groups, because the login of its predecessor gave them.
   */
  async settleInherited(client: Client): Promise<void> {
    this.here.reportTakenOver(client);
    await this.leaveForbidden(client);
    await allDone([...client.rooms].filter(isGroupRoom).map((id) => this.leaveIfJoined(client, id)));
  }

  /** Ids of the rooms that a client of this node is in, without its groups. */
  joinedBy({ rooms }: Client): string[] {
    return [...rooms].filter((id) => !isGroupRoom(id));
  }

  /** A room, or the room of a group, that a client of this node is in; undefined if it is not in the room. */
  findJoined(client: Client, id: string): Room | undefined {
    return this.here.find(client, id);
  }

  /** Whether a client is in a room, or its identity lets it learn that there is such a room. */
  mayKnow(client: Client, id: string): boolean {
    return this.permits.mayKnow(client, id);
  }

  /**
   * Checks, before any look-up, that a request names no more rooms than a client may be in.
   * @throws DomainError LIMIT_REACHED
   */
  limitNamed(count: number): void {
    this.limits.checkNamed(count);
  }

  /** A client may disconnect, or move to another node, while the store adds it to rooms. */
  private async leaveIfGone(client: Client, ...ids: readonly string[]): Promise<void> {
    if (this.here.hasClient(client)) return;
    await allDone(ids.map((id) => this.leaveIfJoined(client, id, 'disconnected')));
  }
}
