import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { ClientRegistry } from '../clients/client-registry.js';
import { ClientsHere } from '../clients/clients-here.js';
import { costOf } from '../common/cost.js';
import { DomainError, isDomainError } from '../common/domain-error.js';
import { isGroupRoom } from '../common/group.js';
import { NodeIdentity } from '../common/node-identity.js';
import type { Room, RoomChange, RoomMember } from '../common/room.js';
import type { LeaveReason } from '../events/server-event.js';
import { MembershipReports } from './membership-reports.js';
import { RoomMap } from './room-map.js';
import { RoomStore } from './room-store.js';

/** Notices of changes that were delivered on this node. */
interface Delivered {
  readonly bytes: number;
  readonly receivers: number;
  readonly notices: number;
}

/**
 * The rooms that have members on this node, as the store has reported them. Applies each change to the memberships of
 * clients and delivers it to the members on this node.
 */
@Injectable()
export class RoomsHere {
  readonly rooms = new RoomMap();

  constructor(
    private readonly store: RoomStore,
    private readonly clients: ClientsHere,
    private readonly node: NodeIdentity,
    private readonly reports: MembershipReports,
    registry: ClientRegistry,
  ) {
    store.listen(node.name, (changes) => this.apply(changes));
    registry.onReplaced((client, successor) => {
      this.reports.replaced(client, (realm, id) => this.rooms.get(realm, id));
      if (successor) client.memberships.moveTo(successor.memberships);
      else client.memberships.clear();
    });
  }

  /** Emits the events of the rooms that a client has taken over from another session. */
  reportTakenOver(client: Client): void {
    this.reports.takenOver(client, (realm, id) => this.rooms.get(realm, id));
  }

  /** Emits the events of all memberships on this node again. */
  reportAgain(): void {
    for (const room of this.rooms.all()) this.reports.again(room, this.clientsOf(room));
  }

  /** A room that a client of this node is in; undefined if it is not in the room. */
  find(client: Client, id: string): Room | undefined {
    return client.rooms.has(id) ? this.rooms.get(client.realm, id) : undefined;
  }

  /**
   * Returns the error for a room that a client of this node is not in, but names.
   * @returns DomainError NOT_IN_ROOM, or ROOM_NOT_FOUND if there is no such room
   */
  async missing({ realm }: Client, id: string): Promise<DomainError> {
    const exists = !isGroupRoom(id) && (await this.store.existing(realm, [id])).has(id);
    return new DomainError(exists ? 'NOT_IN_ROOM' : 'ROOM_NOT_FOUND', { room: id });
  }

  /** Whether a client of this node is in a room together with a client of any node. Groups do not count. */
  sharesRoom(client: Client, id: string): boolean {
    const peers = (client.memberships.peers ??= this.peersOf(client));
    return peers.has(id);
  }

  /** Whether a client of this node has the client's id. */
  hasClient({ realm, id }: Client): boolean {
    return this.clients.get(realm, id) !== undefined;
  }

  /** The members of a room that are connected to this node. */
  membersOf(realm: string, id: string): Client[] {
    const room = this.rooms.get(realm, id);
    return room ? this.clientsOf(room) : [];
  }

  /** Names of the other nodes that members of a room are connected to. */
  otherNodesOf({ members }: Room): string[] {
    const nodes = new Set(members.map(({ node }) => node));
    nodes.delete(this.node.name);
    return [...nodes];
  }

  /** A client of this node as a new member of a room. */
  member({ id }: Client): RoomMember {
    return { id, node: this.node.name, joinedAt: Date.now() };
  }

  /** Makes a client that has moved here from another node a member from this node. */
  async move({ realm, id }: Client, rooms: readonly string[]): Promise<void> {
    await this.store.move(realm, id, this.node.name, rooms);
  }

  /**
   * Takes a client out of a room at its own request. It gets an answer, and no notice of its own leaving.
   * @throws DomainError ROOM_NOT_FOUND, NOT_IN_ROOM, UNAVAILABLE
   */
  async leave(client: Client, id: string, reason: LeaveReason): Promise<Room> {
    const { realm, id: clientId, memberships } = client;
    this.reports.leaving(client, id, reason);
    memberships.startLeaving(id);
    let hasLeft = true;
    try {
      return await this.store.leave(realm, id, clientId);
    } catch (error) {
      hasLeft = isNotMember(error);
      throw error;
    } finally {
      memberships.endLeaving(id, hasLeft);
      const room = this.rooms.get(realm, id);
      if (this.reports.finished(client, id, hasLeft, room) && room) this.forgetMember(room, clientId);
    }
  }

  /** Removes a member whose leaving the store has not announced. */
  private forgetMember(room: Room, clientId: string): void {
    const members = room.members.filter(({ id }) => id !== clientId);
    if (members.some(({ node }) => node === this.node.name)) this.rooms.set(room.realm, room.id, { ...room, members });
    else this.rooms.delete(room.realm, room.id);
  }

  /** Applies changes that belong together, and delivers them to the clients of this node that they concern. */
  private apply(changes: readonly RoomChange[]): void {
    const byClient = new Map<Client, RoomChange[]>();
    for (const change of changes) {
      for (const client of this.applyOne(change)) {
        const concerning = byClient.get(client);
        if (concerning) concerning.push(change);
        else byClient.set(client, [change]);
      }
    }
    let bytes = 0;
    let notices = 0;
    for (const [client, concerning] of byClient) {
      bytes += client.roomsChanged(concerning);
      notices += concerning.length;
    }
    this.charge(changes, { bytes, receivers: byClient.size, notices });
  }

  /**
   * Charges the client that has made changes for the notices on this node, and as much for each notice on other nodes.
   */
  private charge(changes: readonly RoomChange[], { bytes, receivers, notices }: Delivered): void {
    const [change] = changes;
    if (!change) return;
    const { client, room } = change;
    const payer = this.clients.get(room.realm, client ?? room.creator ?? '');
    if (!payer) return;
    const members = changes.reduce((sum, { room: { members } }) => sum + members.length, 0);
    const scale = notices === 0 ? 0 : members / notices;
    payer.charge(costOf({ bytes: bytes * scale, receivers: receivers * scale || members, entries: changes.length }));
  }

  /** @returns the clients of this node that get a notice of the change */
  private applyOne(change: RoomChange): Client[] {
    const { room, kind, client: id } = change;
    const { realm } = room;
    const members = this.clientsOf(room);
    const concerned = id === undefined ? undefined : this.clients.get(realm, id);
    if (kind === 'ended' || !room.members.some(({ node }) => node === this.node.name))
      this.rooms.delete(realm, room.id);
    else this.rooms.set(realm, room.id, room);
    switch (kind) {
      case 'created':
        if (concerned) this.joined(concerned, room, true);
        else this.reports.created(room);
        return [];
      case 'moved':
        if (concerned && members.includes(concerned)) concerned.memberships.add(room.id, room.creator === id);
        return [];
      case 'joined':
        forgetPeers(members);
        if (concerned && members.includes(concerned)) this.joined(concerned, room);
        else this.reports.created(room);
        break;
      case 'left': {
        forgetPeers(members);
        const isRemoved = concerned?.memberships.delete(room.id) ?? false;
        this.reports.left(change, isRemoved ? concerned : undefined);
        // A client that is leaving by itself gets an answer instead.
        if (concerned && isRemoved) members.push(concerned);
        break;
      }
      case 'ended':
        for (const client of members) {
          if (client.memberships.delete(room.id)) this.reports.ended(client, room);
        }
        break;
    }
    return isGroupRoom(room.id) ? [] : members;
  }

  private joined(client: Client, room: Room, isCreator = false): void {
    const isNew = !client.rooms.has(room.id);
    client.memberships.add(room.id, isCreator);
    if (isNew) this.reports.joined(client, room);
  }

  private peersOf(client: Client): Set<string> {
    const peers = new Set<string>();
    for (const id of client.rooms) {
      if (isGroupRoom(id)) continue;
      for (const member of this.rooms.get(client.realm, id)?.members ?? []) peers.add(member.id);
    }
    return peers;
  }

  private clientsOf({ realm, members }: Room): Client[] {
    return members
      .filter(({ node }) => node === this.node.name)
      .map(({ id }) => this.clients.get(realm, id))
      .filter((client) => client !== undefined);
  }
}

function forgetPeers(members: readonly Client[]): void {
  for (const { memberships } of members) memberships.peers = undefined;
}

/** Whether an operation has failed because the client is not in the room, or the room does not exist. */
export function isNotMember(error: unknown): boolean {
  return isDomainError(error) && (error.code === 'ROOM_NOT_FOUND' || error.code === 'NOT_IN_ROOM');
}
