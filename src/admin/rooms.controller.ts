import { Body, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import type { Request } from 'express';
import { DomainError } from '../common/domain-error.js';
import type { Room } from '../common/room.js';
import { RoomsService } from '../rooms/rooms.service.js';
import { SignalingService } from '../signaling/signaling.service.js';
import { isoTime, messageSignal, visibleRoom } from './admin-mapping.js';
import { AdminController } from './admin-routes.js';
import {
  ApiProblems,
  BODY_TOO_LARGE,
  DATA_MISSING,
  LIMIT_TOO_SMALL,
  NO_SUCH_ROOM,
  ofError,
  READ_ONLY,
  UNKNOWN_PARAMETER,
} from './api-problems.js';
import { OutgoingMessage } from './client.dto.js';
import { RealmParameter } from './page.dto.js';
import { OfRealm, type RealmScope, Scope } from './realm-scope.js';
import { RoomDetail, RoomFilter, RoomPage, RoomSummary, RoomToCreate } from './room.dto.js';
import { Totals } from './totals.js';

@AdminController('rooms', 'Rooms')
export class AdminRoomsController {
  constructor(
    private readonly rooms: RoomsService,
    private readonly signaling: SignalingService,
    private readonly totals: Totals,
  ) {}

  @Get()
  @OfRealm('filter')
  @ApiOperation({ summary: 'Lists the rooms of all nodes in order of creation' })
  @ApiOkResponse({ type: RoomPage, description: 'A page of rooms' })
  @ApiProblems(LIMIT_TOO_SMALL)
  async list(@Query() filter: RoomFilter, @Scope() scope: RealmScope): Promise<RoomPage> {
    const [{ items, cursor }, total] = await Promise.all([this.rooms.list(filter), this.totals.ofRooms(filter, scope)]);
    return { items: items.filter(({ realm }) => scope.includes(realm)).map(summaryOf), cursor, total };
  }

  @Post()
  @OfRealm('body')
  @ApiBody({ type: RoomToCreate, required: false })
  @ApiOperation({ summary: 'Creates a permanent room, which exists without members until it is ended' })
  @ApiCreatedResponse({ type: RoomDetail, description: 'The room was created' })
  @ApiProblems(
    UNKNOWN_PARAMETER,
    READ_ONLY,
    ofError('ROOM_EXISTS', { room: 'lobby' }),
    ofError('LIMIT_REACHED', { what: 'rooms', limit: 100_000 }),
    BODY_TOO_LARGE,
  )
  async create(@Body() { realm, id, name }: RoomToCreate): Promise<RoomDetail> {
    return detailOf(await this.rooms.createPermanent(realm, { id, name }));
  }

  @Get(':id')
  @OfRealm('query')
  @ApiParam({ name: 'id', description: 'Id of the room' })
  @ApiOperation({ summary: 'Returns a room and its members' })
  @ApiOkResponse({ type: RoomDetail, description: 'The room' })
  @ApiProblems(UNKNOWN_PARAMETER, NO_SUCH_ROOM)
  async find(@Param('id') id: string, @Query() { realm }: RealmParameter): Promise<RoomDetail> {
    const room = await this.rooms.find(realm, visibleRoom(id));
    if (!room) throw new DomainError('ROOM_NOT_FOUND', { room: id });
    return detailOf(room);
  }

  @Delete(':id')
  @OfRealm('query')
  @ApiParam({ name: 'id', description: 'Id of the room' })
  @HttpCode(204)
  @ApiOperation({ summary: 'Ends a room and notifies its members' })
  @ApiNoContentResponse({ description: 'The room has ended' })
  @ApiProblems(UNKNOWN_PARAMETER, READ_ONLY, NO_SUCH_ROOM)
  async end(@Param('id') id: string, @Query() { realm }: RealmParameter): Promise<void> {
    await this.rooms.endByServer(realm, id);
  }

  @Delete(':id/clients/:clientId')
  @OfRealm('query')
  @ApiParam({ name: 'clientId', description: 'Id of the member' })
  @ApiParam({ name: 'id', description: 'Id of the room' })
  @HttpCode(204)
  @ApiOperation({ summary: 'Removes a member from a room and notifies all members' })
  @ApiNoContentResponse({ description: 'The member was removed' })
  @ApiProblems(UNKNOWN_PARAMETER, READ_ONLY, NO_SUCH_ROOM, ofError('NOT_IN_ROOM', { room: 'lobby' }))
  async removeMember(
    @Param('id') id: string,
    @Param('clientId') clientId: string,
    @Query() { realm }: RealmParameter,
  ): Promise<void> {
    await this.rooms.removeMember(realm, id, clientId);
  }

  @Post(':id/messages')
  @OfRealm('query')
  @ApiParam({ name: 'id', description: 'Id of the room' })
  @ApiBody({ type: OutgoingMessage })
  @HttpCode(204)
  @ApiOperation({ summary: 'Sends a message from the server to all members of a room' })
  @ApiNoContentResponse({ description: 'The message was sent' })
  @ApiProblems(DATA_MISSING, READ_ONLY, NO_SUCH_ROOM, BODY_TOO_LARGE)
  async send(@Param('id') id: string, @Query() { realm }: RealmParameter, @Req() { body }: Request): Promise<void> {
    await this.signaling.sendFromServerToRoom(realm, visibleRoom(id), messageSignal(body));
  }
}

function summaryOf({ realm, id, name, creator, since, isPermanent, members }: Room): RoomSummary {
  return { realm, id, name, creator, since: isoTime(since), isPermanent: isPermanent === true, size: members.length };
}

function detailOf(room: Room): RoomDetail {
  const members = room.members.map(({ id, node, joinedAt }) => ({ id, node, joinedAt: isoTime(joinedAt) }));
  return { ...summaryOf(room), members };
}
