import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { costOf } from '../common/cost.js';
import { DomainError } from '../common/domain-error.js';
import { isGroupRoom } from '../common/group.js';
import { Permissions } from '../identity/permissions.js';
import { type RoomEntry, RoomStore } from './room-store.js';

declare const PERMITTED: unique symbol;

/** A room that a client may enter. */
export type PermittedEntry = RoomEntry & { readonly [PERMITTED]: true };

/** Asks for the permissions of clients in rooms. Clients that the application operates need none. */
@Injectable()
export class RoomPermits {
  constructor(
    private readonly store: RoomStore,
    private readonly permissions: Permissions,
  ) {}

  /** @throws DomainError NOT_AUTHORIZED */
  toCreate(client: Client, room: string): void | Promise<void> {
    const asked = client.isTrusted ? undefined : this.permissions.mayCreateRoom(client, room);
    if (asked) return answered(client, asked);
  }

  /** @throws DomainError NOT_AUTHORIZED */
  toJoin(client: Client, room: string): void | Promise<void> {
    const asked = client.isTrusted ? undefined : this.permissions.mayJoinRoom(client, room);
    if (asked) return answered(client, asked);
  }

  /**
   * Asks for the permission to enter each room that the client is not in. A missing room needs a permission to create
   * it, too.
   * @throws DomainError NOT_AUTHORIZED
   */
  async toEnter(client: Client, entries: readonly RoomEntry[]): Promise<PermittedEntry[]> {
    const isFree = client.isTrusted || !this.permissions.guardsRooms(client);
    const guarded = isFree ? [] : entries.filter(({ id }) => !client.rooms.has(id));
    if (guarded.length === 0) return entries.map(permitted);
    const existing = await this.existing(client, guarded);
    for (const { id, mayCreate } of guarded) {
      await this.toJoin(client, id);
      if (mayCreate && !existing.has(id)) await this.toCreate(client, id);
    }
    // A room that ends meanwhile is not created again without a permission.
    return entries.map((entry) => permitted({ ...entry, mayCreate: entry.mayCreate && !existing.has(entry.id) }));
  }

  /** Ids of the client's rooms in which its identity does not let it stay. */
  forbidden(client: Client): string[] {
    if (client.isTrusted) return [];
    return [...client.rooms].filter((id) => !isGroupRoom(id) && !this.permissions.mayKnow(client, id));
  }

  /** Whether a client is in a room, or its identity lets it learn that there is such a room. */
  mayKnow(client: Client, room: string): boolean {
    return client.isTrusted || client.rooms.has(room) || this.permissions.mayKnow(client, room);
  }

  /** @throws DomainError ROOM_NOT_FOUND for a room whose existence the client may not learn of */
  refuseUnknown(client: Client, room: string): void {
    if (!this.mayKnow(client, room)) throw new DomainError('ROOM_NOT_FOUND', { room });
  }

  private existing(client: Client, entries: readonly RoomEntry[]): Promise<ReadonlySet<string>> {
    client.charge(costOf({ entries: entries.length }));
    return this.store.existing(
      client.realm,
      entries.map(({ id }) => id),
    );
  }
}

/** Waits for an answer of the application, until the client goes. */
function answered(client: Client, asked: Promise<void>): Promise<void> {
  // Nobody waits for the answer if the client has gone already, and an unheard error ends the process.
  asked.catch(() => undefined);
  return client.ask(() => asked);
}

function permitted(entry: RoomEntry): PermittedEntry {
  return entry as PermittedEntry;
}
