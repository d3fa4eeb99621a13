import { Body, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import {
  ApiBody,
  ApiConflictResponse,
  ApiParam,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
} from '@nestjs/swagger';
import type { Request } from 'express';
import { DomainError } from '../common/domain-error.js';
import type { Room } from '../common/room.js';
import { RoomsService } from '../rooms/rooms.service.js';
import { SignalingService } from '../signaling/signaling.service.js';
import {
  OutgoingMessage,
  RealmParameter,
  RoomDetail,
  RoomFilter,
  RoomPage,
  RoomSummary,
  RoomToCreate,
} from './admin.dto.js';
import { isoTime, messageSignal, visibleRoom } from './admin-mapping.js';
import { AdminController, problem } from './admin-routes.js';

@AdminController('rooms')
export class AdminRoomsController {
  constructor(
    private readonly rooms: RoomsService,
    private readonly signaling: SignalingService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The rooms of all nodes in the order in which they were made' })
  @ApiOkResponse({ type: RoomPage, description: 'Here it is' })
  async list(@Query() filter: RoomFilter): Promise<RoomPage> {
    const { items, cursor } = await this.rooms.list(filter);
    return { items: items.map(summaryOf), cursor };
  }

  @Post()
  @ApiBody({ type: RoomToCreate, required: false })
  @ApiOperation({ summary: 'Makes a room without members, which exists until it is ended' })
  @ApiCreatedResponse({ type: RoomDetail, description: 'It has been made' })
  @ApiConflictResponse(problem('There is such a room already, or there are too many'))
  async create(@Body() { realm, id, name }: RoomToCreate): Promise<RoomDetail> {
    return detailOf(await this.rooms.createPermanent(realm, { id, name }));
  }

  @Get(':id')
  @ApiParam({ name: 'id', description: 'Id of the room' })
  @ApiOperation({ summary: 'A room and its members' })
  @ApiOkResponse({ type: RoomDetail, description: 'Here it is' })
  async find(@Param('id') id: string, @Query() { realm }: RealmParameter): Promise<RoomDetail> {
    const room = await this.rooms.find(realm, visibleRoom(id));
    if (!room) throw new DomainError('ROOM_NOT_FOUND', { room: id });
    return detailOf(room);
  }

  @Delete(':id')
  @ApiParam({ name: 'id', description: 'Id of the room' })
  @HttpCode(204)
  @ApiOperation({ summary: 'Ends a room; its members are told' })
  @ApiNoContentResponse({ description: 'It has ended' })
  async end(@Param('id') id: string, @Query() { realm }: RealmParameter): Promise<void> {
    await this.rooms.endByServer(realm, id);
  }

  @Delete(':id/clients/:clientId')
  @ApiParam({ name: 'clientId', description: 'Id of the member' })
  @ApiParam({ name: 'id', description: 'Id of the room' })
  @HttpCode(204)
  @ApiOperation({ summary: 'Takes a member out of a room; all are told' })
  @ApiNoContentResponse({ description: 'It is out' })
  async removeMember(
    @Param('id') id: string,
    @Param('clientId') clientId: string,
    @Query() { realm }: RealmParameter,
  ): Promise<void> {
    await this.rooms.removeMember(realm, id, clientId);
  }

  @Post(':id/messages')
  @ApiParam({ name: 'id', description: 'Id of the room' })
  @ApiBody({ type: OutgoingMessage })
  @HttpCode(204)
  @ApiOperation({ summary: 'Sends all members of a room a message of the server’s own' })
  @ApiNoContentResponse({ description: 'It is on its way' })
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
