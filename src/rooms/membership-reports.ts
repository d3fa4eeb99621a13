import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { NodeIdentity } from '../common/node-identity.js';
import type { Room, RoomChange } from '../common/room.js';
import type { LeaveReason } from '../events/server-event.js';
import { RoomEvents } from './room-events.js';

/** A client of this node that is leaving a room. */
interface Leave {
  readonly client: Client;
  readonly reason: LeaveReason;
  /** False for a client that is not reported as a member: it has gone while it was joining. */
  readonly isMember: boolean;
}

/** Reports the memberships of this node's clients to the events, in the order in which the store announces them. */
@Injectable()
export class MembershipReports {
  /** Clients that are leaving rooms, until the store has announced it. */
  private readonly leaves = new Map<string, Leave>();

  constructor(
    private readonly events: RoomEvents,
    private readonly node: NodeIdentity,
  ) {}

  /** Call before the store takes a client that leaves out of a room. */
  leaving(client: Client, room: string, reason: LeaveReason): void {
    const key = keyOf(client.realm, room, client.id);
    // Of several requests at the same time, the first one takes the client out.
    if (!this.leaves.has(key)) this.leaves.set(key, { client, reason, isMember: client.rooms.has(room) });
  }

  /**
   * Call when a client has left a room, or has failed to. Reports the end of the membership if the store has not
   * announced it: the store has lost the membership already, or cannot be reached.
   * @param room the room as this node knows it
   * @returns whether the end was reported
   */
  finished(client: Client, id: string, hasLeft: boolean, room: Room | undefined): boolean {
    const leave = this.take(client.realm, id, client.id);
    if (!leave?.isMember || !(hasLeft || leave.reason === 'disconnected')) return false;
    const others = othersIn(room, client);
    this.events.left(client, id, others, leave.reason);
    if (room && others === 0 && !room.isPermanent) this.events.ended(room, 'empty');
    return true;
  }

  /** A client of this node joins a room. */
  joined(client: Client, room: Room): void {
    this.created(room);
    this.events.joined(client, room);
  }

  /** Reports the creation of a room by a client of this node, which may have gone meanwhile. */
  created(room: Room): void {
    if (room.version === 1 && room.members[0]?.node === this.node.name) this.events.created(room);
  }

  /**
   * The store announces that a client has left.
   * @param removed the client of this node that the server has removed, if it has
   */
  left({ room, client: id }: RoomChange, removed: Client | undefined): void {
    const { realm, members, isPermanent } = room;
    const leave = this.take(realm, room.id, id);
    if (leave?.isMember) this.events.left(leave.client, room.id, members.length, leave.reason);
    else if (removed) this.events.left(removed, room.id, members.length, 'removed');
    // Only the node of the last member reports the end of the room.
    if ((leave ?? removed) && members.length === 0 && !isPermanent) this.events.ended(room, 'empty');
  }

  /** A client of this node is in a room that ends. */
  ended(client: Client, { id }: Room): void {
    this.events.left(client, id, 0, 'room ended');
  }

  /** A client loses its rooms to another session with its id. */
  replaced(client: Client, find: (realm: string, room: string) => Room | undefined): void {
    for (const id of client.rooms) {
      this.events.left(client, id, othersIn(find(client.realm, id), client), 'replaced');
    }
  }

  /** A client has taken over the rooms of another session with its id. */
  takenOver(client: Client, find: (realm: string, room: string) => Room | undefined): void {
    for (const id of client.rooms) {
      const room = find(client.realm, id);
      if (room) this.events.joined(client, room, 'replaced');
    }
  }

  /**
   * This node is back, and its clients were reported as lost; the room, too, if it has members on no other node.
   * @param clients the members of the room on this node
   */
  again(room: Room, clients: readonly Client[]): void {
    if (room.members.every(({ node }) => node === this.node.name)) this.events.created(room);
    for (const client of clients) this.events.joined(client, room);
  }

  private take(realm: string, room: string, client: string | undefined): Leave | undefined {
    if (client === undefined || this.leaves.size === 0) return undefined;
    const key = keyOf(realm, room, client);
    const leave = this.leaves.get(key);
    this.leaves.delete(key);
    return leave;
  }
}

function othersIn(room: Room | undefined, { id }: Client): number {
  return room ? room.members.filter((member) => member.id !== id).length : 0;
}

/** With lengths, because all three are arbitrary strings. */
function keyOf(realm: string, room: string, client: string): string {
  return `${realm.length} ${room.length} ${realm}${room}${client}`;
}
