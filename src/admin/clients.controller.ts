import { Body, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import type { Request } from 'express';
import type { ClientEntry } from '../clients/client-directory.js';
import { INVALID_ADDRESS } from '../clients/client-filter.js';
import { ClientsService } from '../clients/clients.service.js';
import { DomainError } from '../common/domain-error.js';
import { Protocols } from '../common/protocols.js';
import { SelectedClients } from '../nodes/selected-clients.js';
import { SignalingService } from '../signaling/signaling.service.js';
import { messageSignal } from './admin-mapping.js';
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
import {
  ClientDetail,
  ClientListQuery,
  ClientPage,
  ClientsToDisconnect,
  ListedClient,
  OutgoingMessage,
  RemovedClients,
} from './client.dto.js';
import { figuresOf, summaryOf } from './client-mapping.js';
import { RealmParameter, Reason } from './page.dto.js';
import { OfRealm, type RealmScope, Scope } from './realm-scope.js';
import { RoomMembers } from './room-members.js';
import { Totals } from './totals.js';

const NOTHING_SELECTED = 'ids, user, address or room is needed';

@AdminController('clients', 'Clients')
export class AdminClientsController {
  constructor(
    private readonly clients: ClientsService,
    private readonly members: RoomMembers,
    private readonly selected: SelectedClients,
    private readonly signaling: SignalingService,
    private readonly protocols: Protocols,
    private readonly totals: Totals,
  ) {}

  @Get()
  @OfRealm('filter')
  @ApiOperation({
    summary: 'Lists the clients of all nodes in order of connection, or the members of a room in order of joining',
  })
  @ApiOkResponse({ type: ClientPage, description: 'A page of clients' })
  @ApiProblems(LIMIT_TOO_SMALL, ofError('INVALID_REQUEST', { reason: INVALID_ADDRESS }), NO_SUCH_ROOM)
  async list(@Query() { figures, ...filter }: ClientListQuery, @Scope() scope: RealmScope): Promise<ClientPage> {
    this.checkProtocol(filter.protocol);
    const { room, realm = room === undefined ? undefined : 'default' } = filter;
    const { items, cursor } = await (room === undefined ? this.clients.list(filter) : this.members.list(room, filter));
    const visible = items.filter((client) => scope.includes(client.realm));
    const isWhole = filter.cursor === undefined && cursor === undefined;
    // Only a list of several pages has to wait for all nodes, one of which may just have died.
    const total = isWhole ? visible.length : await this.totals.ofClients({ ...filter, realm }, scope);
    return { items: figures ? await this.withFigures(visible) : visible.map(summaryOf), cursor, total };
  }

  @Post('disconnect')
  @OfRealm('filter in body')
  @ApiBody({ type: ClientsToDisconnect })
  @HttpCode(200)
  @ApiOperation({
    summary: 'Disconnects clients by ids, user, address or room on all nodes, in the realms that the token sees',
    description: 'The clients hear the reason in their own protocol. Without one, they hear that they were removed.',
  })
  @ApiOkResponse({ type: RemovedClients, description: 'The clients are being disconnected' })
  @ApiProblems(
    ofError('INVALID_REQUEST', { reason: NOTHING_SELECTED }),
    ofError('INVALID_REQUEST', { reason: INVALID_ADDRESS }),
    UNKNOWN_PARAMETER,
    READ_ONLY,
    BODY_TOO_LARGE,
  )
  async disconnect(@Body() body: ClientsToDisconnect, @Scope() scope: RealmScope): Promise<RemovedClients> {
    const { ids, user, address, room, reason } = body;
    if ([ids, user, address, room].every((filter) => filter === undefined)) {
      throw new DomainError('INVALID_REQUEST', { reason: NOTHING_SELECTED });
    }
    const isOfOneRealm = ids !== undefined || room !== undefined;
    const realms = scope.within(body.realm ?? (isOfOneRealm ? 'default' : undefined));
    return { removed: await this.selected.disconnect({ ids, user, address, room, realms }, reason) };
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
    return { ...summaryOf(client), ...figuresOf(client) };
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

  private async withFigures(entries: readonly ClientEntry[]): Promise<ListedClient[]> {
    const statuses = await this.clients.inspectAll(entries);
    return entries.map((entry, at) => {
      const status = statuses[at];
      return { ...summaryOf(entry), ...(status && figuresOf(status)) };
    });
  }

  /** @throws DomainError INVALID_REQUEST for a protocol that this server does not speak */
  private checkProtocol(protocol: string | undefined): void {
    const { names } = this.protocols;
    if (protocol === undefined || names.includes(protocol)) return;
    throw new DomainError('INVALID_REQUEST', {
      reason: `protocol must be one of the following values: ${names.join(', ')}`,
    });
  }
}
