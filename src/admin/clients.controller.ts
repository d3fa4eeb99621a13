import { Body, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import type { Request } from 'express';
import type { ClientEntry } from '../clients/client-directory.js';
import { ClientsService } from '../clients/clients.service.js';
import { DomainError } from '../common/domain-error.js';
import { Protocols } from '../common/protocols.js';
import type { RoomMember } from '../common/room.js';
import { RoomsService } from '../rooms/rooms.service.js';
import { SignalingService } from '../signaling/signaling.service.js';
import { isoTime, messageSignal, visibleRoom } from './admin-mapping.js';
import { AdminController } from './admin-routes.js';
import {
  ApiProblems,
  BODY_TOO_LARGE,
  DATA_MISSING,
  LIMIT_TOO_SMALL,
  NO_SUCH_CLIENT,
  NO_SUCH_ROOM,
  ofError,
  READ_ONLY,
  UNKNOWN_PARAMETER,
} from './api-problems.js';
import { ClientDetail, ClientFilter, ClientPage, ClientSummary, OutgoingMessage } from './client.dto.js';
import { RealmParameter, Reason } from './page.dto.js';
import { OfRealm, type RealmScope, Scope } from './realm-scope.js';

@AdminController('clients')
export class AdminClientsController {
  constructor(
    private readonly clients: ClientsService,
    private readonly rooms: RoomsService,
    private readonly signaling: SignalingService,
    private readonly protocols: Protocols,
  ) {}

  @Get()
  @OfRealm('filter')
  @ApiOperation({
    summary: 'Lists the clients of all nodes in order of connection, or the members of a room in order of joining',
  })
  @ApiOkResponse({ type: ClientPage, description: 'A page of clients' })
  @ApiProblems(LIMIT_TOO_SMALL, NO_SUCH_ROOM)
  async list(@Query() filter: ClientFilter, @Scope() scope: RealmScope): Promise<ClientPage> {
    this.checkProtocol(filter.protocol);
    if (filter.room !== undefined) return this.membersOf(filter.room, filter);
    const { items, cursor } = await this.clients.list(filter);
    return { items: items.filter(({ realm }) => scope.includes(realm)).map(summaryOf), cursor };
  }

  @Get(':id')
  @OfRealm('query')
  @ApiParam({ name: 'id', description: 'Id of the client' })
  @ApiOperation({ summary: 'Returns a client with its rooms and traffic' })
  @ApiOkResponse({ type: ClientDetail, description: 'The client' })
  @ApiProblems(UNKNOWN_PARAMETER, NO_SUCH_CLIENT)
  async find(@Param('id') id: string, @Query() { realm }: RealmParameter): Promise<ClientDetail> {
    const client = await this.clients.inspect(realm, id);
    if (!client) throw new DomainError('CLIENT_NOT_FOUND', { id });
    const { rooms, framesIn, framesOut, bytesIn, bytesOut, waitingBytes, lastSeenAt } = client;
    const lastSeen = isoTime(lastSeenAt);
    return { ...summaryOf(client), lastSeen, rooms, framesIn, framesOut, bytesIn, bytesOut, waitingBytes };
  }

  @Delete(':id')
  @OfRealm('query')
  @ApiBody({ type: Reason, required: false })
  @ApiParam({ name: 'id', description: 'Id of the client' })
  @HttpCode(204)
  @ApiOperation({ summary: 'Disconnects a client' })
  @ApiNoContentResponse({ description: 'The client is being disconnected' })
  @ApiProblems(UNKNOWN_PARAMETER, READ_ONLY, NO_SUCH_CLIENT, BODY_TOO_LARGE)
  async remove(@Param('id') id: string, @Query() { realm }: RealmParameter, @Body() _why?: Reason): Promise<void> {
    if (!(await this.clients.remove(realm, id))) throw new DomainError('CLIENT_NOT_FOUND', { id });
  }

  @Post(':id/messages')
  @OfRealm('query')
  @ApiParam({ name: 'id', description: 'Id of the client' })
  @ApiBody({ type: OutgoingMessage })
  @HttpCode(204)
  @ApiOperation({ summary: 'Sends a message from the server to a client' })
  @ApiNoContentResponse({ description: 'The message was sent' })
  @ApiProblems(
    DATA_MISSING,
    READ_ONLY,
    NO_SUCH_CLIENT,
    ofError('UNSUPPORTED_BY_TARGET', { kind: 'message' }),
    BODY_TOO_LARGE,
  )
  async send(@Param('id') id: string, @Query() { realm }: RealmParameter, @Req() { body }: Request): Promise<void> {
    await this.signaling.sendFromServer(realm, id, messageSignal(body));
  }

  /** @throws DomainError INVALID_REQUEST for a protocol that this server does not speak */
  private checkProtocol(protocol: string | undefined): void {
    const { names } = this.protocols;
    if (protocol === undefined || names.includes(protocol)) return;
    throw new DomainError('INVALID_REQUEST', {
      reason: `protocol must be one of the following values: ${names.join(', ')}`,
    });
  }

  /** The cursor names the last members of the previous page, some of which may have left since. */
  private async membersOf(
    room: string,
    { realm = 'default', limit, cursor, ...rest }: ClientFilter,
  ): Promise<ClientPage> {
    const found = await this.rooms.find(realm, visibleRoom(room));
    if (!found) throw new DomainError('ROOM_NOT_FOUND', { room });
    const start = cursor === undefined ? 0 : placeBehind(found.members, cursor);
    const page = found.members.slice(start, start + limit);
    const entries = await Promise.all(page.map(({ id }) => this.clients.locate(realm, id)));
    const items = entries.filter((entry) => entry !== undefined && matches(entry, rest)) as ClientEntry[];
    const isLast = start + limit >= found.members.length;
    return { items: items.map(summaryOf), cursor: isLast ? undefined : cursorOf(page.slice(-REMEMBERED)) };
  }
}

/**
 * Number of members in a cursor. If all of them have left, the next page starts after the joining time of the last one.
 */
const REMEMBERED = 5;

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

function matches(entry: ClientEntry, { protocol, node, user, idPrefix = '' }: Partial<ClientFilter>): boolean {
  return (
    (protocol === undefined || entry.protocol === protocol) &&
    (node === undefined || entry.node === node) &&
    (user === undefined || entry.user === user) &&
    entry.id.startsWith(idPrefix)
  );
}

function summaryOf({ realm, id, protocol, user, name, attributes, node, address, since }: ClientEntry): ClientSummary {
  return { realm, id, protocol, user, name, attributes, node, address, since: isoTime(since) };
}
