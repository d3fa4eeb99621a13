import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { isGroupRoom } from '../common/group.js';
import { NodeIdentity } from '../common/node-identity.js';
import type { Room } from '../common/room.js';
import { sessionName } from '../common/session-name.js';
import type { LeaveReason, MemberEventData, RoomEndReason, RoomJoined } from '../events/server-event.js';
import { ServerEvents } from '../events/server-events.js';

/** Maximum age of a room whose creation may not be in the journal yet. */
const YOUNG_MS = 1000;

/**
 * Emits the events of rooms: those of members on the member's node, those of rooms on the node that changes them. Groups
 * have no events.
 */
@Injectable()
export class RoomEvents {
  constructor(
    private readonly events: ServerEvents,
    private readonly node: NodeIdentity,
  ) {}

  created({ realm, id, name, creator }: Room): void {
    if (isGroupRoom(id)) return;
    this.events.emit({ type: 'room.created', realm, room: id, name, ...(creator !== undefined && { creator }) });
  }

  /** As `created`. Resolves when the event is before all that other nodes emit from then on. */
  async createdByServer(room: Room): Promise<void> {
    this.created(room);
    await this.events.flush();
  }

  ended({ realm, id, name }: Room, reason: RoomEndReason): void {
    if (isGroupRoom(id)) return;
    this.events.emit({ type: 'room.ended', realm, room: id, name, reason });
  }

  /** Has no effect for a client whose connection is not reported yet, or whose end is reported. */
  joined(client: Client, room: Room, reason: RoomJoined['reason'] = 'joined'): void {
    const { realm, id, members } = room;
    if (isGroupRoom(id) || !client.isAnnounced) return;
    this.waitForCreator(room);
    const data = this.dataOf(client, id, members.length);
    this.events.emit(Object.assign({ type: 'room.joined', realm, reason } as const, data));
  }

  /**
   * As `joined`.
   * @param members number of members that are left
   */
  left(client: Client, room: string, members: number, reason: LeaveReason): void {
    if (isGroupRoom(room) || !client.isAnnounced) return;
    const head = { type: 'room.left', realm: client.realm, reason } as const;
    this.events.emit(Object.assign(head, this.dataOf(client, room, members)));
  }

  /** The node that has created a young room may still have to append that event. */
  private waitForCreator({ version, since, members }: Room): void {
    const first = members[0]?.node ?? this.node.name;
    if (version > 1 && first !== this.node.name && Date.now() - since < YOUNG_MS) this.events.waitFor(first);
  }

  private dataOf({ id, session, identity: { sub } }: Client, room: string, members: number): MemberEventData {
    const data = { room, client: id, session: sessionName(this.node.name, session), members };
    return sub === undefined ? data : Object.assign(data, { user: sub });
  }
}
