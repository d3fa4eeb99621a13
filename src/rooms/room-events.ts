import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { isGroupRoom } from '../common/group.js';
import { type Identity, NOBODY } from '../common/identity.js';
import { NodeIdentity } from '../common/node-identity.js';
import type { Room } from '../common/room.js';
import { ServerEvents } from '../common/server-events.js';

/** A client that has joined or left a room. Without its identity, the event names no user. */
type Concerned = Pick<Client, 'id'> & Partial<Pick<Client, 'identity'>>;

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

  joined(room: Room, { id: client, identity }: Concerned): void {
    const { realm, id, version } = room;
    if (isGroupRoom(id)) return;
    if (version === 1) this.created(room);
    this.events.emit('roomJoined', { realm, room: id, client, ...userIn(identity), node: this.node.name });
  }

  left(room: Room, { id: client, identity }: Concerned): void {
    const { realm, id, members, isPermanent } = room;
    if (isGroupRoom(id)) return;
    this.events.emit('roomLeft', { realm, room: id, client, ...userIn(identity), node: this.node.name });
    if (members.length === 0 && !isPermanent) this.ended(room);
  }
}

function userIn({ sub: user }: Identity = NOBODY): { readonly user?: string } {
  return user === undefined ? {} : { user };
}
