import { Injectable } from '@nestjs/common';
import type { ClientEntry } from '../clients/client-directory.js';
import { clientFilter } from '../clients/client-filter.js';
import { ClientsService } from '../clients/clients.service.js';
import { DomainError } from '../common/domain-error.js';
import type { Page } from '../common/page.js';
import type { RoomMember } from '../common/room.js';
import { RoomsService } from '../rooms/rooms.service.js';
import { visibleRoom } from './admin-mapping.js';
import type { ClientFilter } from './client.dto.js';

/**
 * Number of members in a cursor. If all of them have left, the next page starts after the joining time of the last one.
 */
const REMEMBERED = 5;

/** Lists the members of rooms. */
@Injectable()
export class RoomMembers {
  constructor(
    private readonly clients: ClientsService,
    private readonly rooms: RoomsService,
  ) {}

  /**
   * Returns a page of members in the order of joining. The cursor names the last members of the previous page, some of
   * which may have left since.
   * @throws DomainError ROOM_NOT_FOUND; INVALID_REQUEST for an invalid cursor or address
   */
  async list(room: string, { realm = 'default', limit, cursor, ...rest }: ClientFilter): Promise<Page<ClientEntry>> {
    const matches = clientFilter(rest);
    const found = await this.rooms.find(realm, visibleRoom(room));
    if (!found) throw new DomainError('ROOM_NOT_FOUND', { room });
    const start = cursor === undefined ? 0 : placeBehind(found.members, cursor);
    const page = found.members.slice(start, start + limit);
    const entries = await Promise.all(page.map(({ id }) => this.clients.locate(realm, id)));
    const items = entries.filter((entry) => entry !== undefined && matches(entry)) as ClientEntry[];
    const isLast = start + limit >= found.members.length;
    return isLast ? { items } : { items, cursor: cursorOf(page.slice(-REMEMBERED)) };
  }
}

function cursorOf(last: readonly RoomMember[]): string {
  const names = [last.at(-1)?.joinedAt, ...last.map(({ id }) => id)];
  return Buffer.from(JSON.stringify(names)).toString('base64url');
}

/** @throws DomainError INVALID_REQUEST if the cursor is invalid */
function placeBehind(members: readonly RoomMember[], cursor: string): number {
  const [joinedAt, ids] = namesIn(cursor);
  const last = members.findLastIndex(({ id }) => ids.includes(id));
  if (last !== -1) return last + 1;
  const later = members.findIndex((member) => member.joinedAt > joinedAt);
  return later === -1 ? members.length : later;
}

function namesIn(cursor: string): [number, unknown[]] {
  try {
    const [joinedAt, ...ids] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (typeof joinedAt === 'number') return [joinedAt, ids];
  } catch {
    // Not JSON: reported like any other invalid cursor.
  }
  throw new DomainError('INVALID_REQUEST', { reason: 'no such cursor' });
}
