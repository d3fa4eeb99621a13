import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { shareOf, sharingGroup } from '../common/address-share.js';
import { checkLimit } from '../common/check-limit.js';
import { DomainError } from '../common/domain-error.js';
import { isGroupRoom } from '../common/group.js';
import { LimitOptions } from '../config/sections/limit.options.js';
import { Realms } from '../realms/realms.js';
import type { RoomBounds } from './room-store.js';

/** Enforces the configured limits on rooms. Its checks throw DomainError LIMIT_REACHED. */
@Injectable()
export class RoomLimits {
  constructor(
    private readonly limits: LimitOptions,
    private readonly realms: Realms,
  ) {}

  /** The store's bounds for rooms that the server itself creates in a realm. */
  boundsIn(realm: string): RoomBounds {
    const { maxRooms: maxRoomsOfRealm, maxRoomMembers: maxMembers } = this.realms.get(realm).limits;
    return { maxRooms: this.limits.maxRooms, maxRoomsOfRealm, maxMembers };
  }

  /** The store's bounds for rooms that a client creates: they also count to the share of its address. */
  boundsOf({ realm, address }: Client): RoomBounds {
    const bounds = this.boundsIn(realm);
    const group = sharingGroup(address);
    if (group === undefined) return bounds;
    const maxRooms = shareOf(this.limits.maxRooms, this.limits.maxSharePerAddress);
    return { ...bounds, address: { group, maxRooms } };
  }

  /** @throws DomainError ROOM_NOT_FOUND for the id of a group, which only the server can name */
  checkId(id: string): void {
    checkLimit('characters of a room id', this.limits.maxIdLength, id.length);
    refuseGroup(id);
  }

  checkName(name: string): void {
    checkLimit('characters of a room name', this.limits.maxNameLength, name.length);
  }

  /** Checks that a client may create one more room. */
  checkCreated({ createdRooms }: Client): void {
    checkLimit('rooms created by a client', this.limits.maxRoomsCreatedPerClient, createdRooms.size + 1);
  }

  /** Checks that a client may join more rooms. Groups do not count. */
  checkJoined({ rooms }: Client, more = 1): void {
    let joined = 0;
    for (const id of rooms) if (!isGroupRoom(id)) joined++;
    this.checkNamed(joined + more);
  }

  /** Checks that a client names no more rooms in a request than it may be in. */
  checkNamed(count: number): void {
    checkLimit('rooms joined by a client', this.limits.maxRoomsJoinedPerClient, count);
  }
}

/** @throws DomainError ROOM_NOT_FOUND for the id of a group, which only the server can name */
export function refuseGroup(id: string): void {
  if (isGroupRoom(id)) throw new DomainError('ROOM_NOT_FOUND', { room: id });
}
