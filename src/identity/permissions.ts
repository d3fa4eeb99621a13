import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { DomainError } from '../common/domain-error.js';
import { isGroupRoom } from '../common/group.js';
import type { Room } from '../common/room.js';
import type { SignalKind } from '../common/signal.js';
import { Realms } from '../realms/realms.js';
import { AccessHooks } from './access-hooks.js';
import { isAmong } from './room-patterns.js';

/** Knows which clients are in rooms together. */
export interface SharedRooms {
  /** Whether a client of this node is in a room together with the client that has the id. */
  sharesRoom(client: Client, id: string): boolean;
}

/** Decides what a client may do, by its identity, the rules of its realm and the hooks of the application. */
@Injectable()
export class Permissions {
  constructor(
    private readonly hooks: AccessHooks,
    private readonly realms: Realms,
  ) {}

  /** Whether the application decides about each signal. Then all clients are restricted (`Client.watch`). */
  get watchesSignals(): boolean {
    return this.hooks.maySignal !== undefined;
  }

  /** Whether a client needs permissions for rooms at all. */
  guardsRooms({ realm, identity: { rooms } }: Client): boolean {
    if (rooms !== undefined || this.realms.get(realm).rooms.create !== 'anyone') return true;
    return this.hooks.mayCreateRoom !== undefined || this.hooks.mayJoinRoom !== undefined;
  }

  /**
   * Whether the identity of a client lets it stay in a room, and learn of its existence: it may join or create it. Asks
   * no hooks.
   */
  mayKnow({ identity: { rooms } }: Client, room: string): boolean {
    return isAmong(rooms?.join, room) || (rooms?.create !== undefined && isAmong(rooms.create, room));
  }

  /**
   * Returns if the client may create the room, which makes it a member. A list of rooms to join holds for new rooms too,
   * unless there is a list of rooms to create. A realm may require this list, or let no client create rooms.
   * @throws DomainError NOT_AUTHORIZED
   */
  mayCreateRoom(client: Client, room: string): void | Promise<void> {
    const { rooms } = client.identity;
    const { create } = this.realms.get(client.realm).rooms;
    if (create === 'nobody' || (create === 'permitted' && rooms?.create === undefined)) refuse();
    if (!isAmong(rooms?.create ?? rooms?.join, room)) refuse();
    if (this.hooks.mayCreateRoom) return requireTrue(this.hooks.mayCreateRoom(client.view, room));
  }

  /**
   * Returns if the client may join the room.
   * @throws DomainError NOT_AUTHORIZED
   */
  mayJoinRoom(client: Client, room: string): void | Promise<void> {
    if (!isAmong(client.identity.rooms?.join, room)) refuse();
    if (this.hooks.mayJoinRoom) return requireTrue(this.hooks.mayJoinRoom(client.view, room));
  }

  /**
   * Whether a restricted client may send a signal.
   * @param to id of the receiver
   */
  maySignal(from: Client, to: string, kind: SignalKind, rooms: SharedRooms): boolean {
    const { signal = 'any' } = from.identity;
    if (signal === 'none' || (signal === 'rooms' && !rooms.sharesRoom(from, to))) return false;
    return this.isAllowed(from, to, kind);
  }

  /** Whether a restricted client may send a signal to a room that it is in: to each of the other members. */
  maySignalRoom(from: Client, { id, members }: Room, kind: SignalKind): boolean {
    const { signal = 'any' } = from.identity;
    if (signal === 'none' || (signal === 'rooms' && isGroupRoom(id))) return false;
    return !this.hooks.maySignal || members.every(({ id: to }) => to === from.id || this.isAllowed(from, to, kind));
  }

  /** Whether the application allows a signal. A hook in JavaScript may return anything: only `true` permits. */
  private isAllowed(from: Client, to: string, kind: SignalKind): boolean {
    if (!this.hooks.maySignal) return true;
    const answer: unknown = this.hooks.maySignal(from.view, to, kind);
    return answer === true;
  }
}

/** A hook of an application in JavaScript may return anything: only `true` permits. */
function requireTrue(answer: unknown): void | Promise<void> {
  if (answer instanceof Promise) return answer.then(requireTrue);
  if (answer !== true) refuse();
}

function refuse(): never {
  throw new DomainError('NOT_AUTHORIZED', {});
}
