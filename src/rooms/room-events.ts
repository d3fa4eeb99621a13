import { Injectable } from '@nestjs/common';
import { isGroupRoom } from '../common/group.js';
import { NodeIdentity } from '../common/node-identity.js';
import type { Room } from '../common/room.js';
import { ServerEvents } from '../common/server-events.js';

/** Emits the events of rooms that clients of this node, or the server, change. Groups have no events. */
@Injectable()
export class RoomEvents {
  constructor(
    private readonly events: ServerEvents,
    private readonly node: NodeIdentity,
  ) {}

  created({ realm, id }: Room): void {
    this.events.emit('roomCreated', { realm, room: id, node: this.node.name });
  }

  ended({ realm, id }: Room): void {
    this.events.emit('roomEnded', { realm, room: id, node: this.node.name });
  }

  /** @param user the client's user, if it has one */
  joined(room: Room, client: string, user?: string): void {
    const { realm, id, version } = room;
    if (isGroupRoom(id)) return;
    if (version === 1) this.created(room);
    this.events.emit('roomJoined', { realm, room: id, client, ...userIn(user), node: this.node.name });
  }

  /** As `joined`. */
  left(room: Room, client: string, user?: string): void {
    const { realm, id, members, isPermanent } = room;
    if (isGroupRoom(id)) return;
    this.events.emit('roomLeft', { realm, room: id, client, ...userIn(user), node: this.node.name });
    if (members.length === 0 && !isPermanent) this.ended(room);
  }
}

function userIn(user: string | undefined): { readonly user?: string } {
  return user === undefined ? {} : { user };
}
