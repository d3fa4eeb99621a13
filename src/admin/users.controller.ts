import { Body, Delete, Param, Query } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { SelectedClients } from '../nodes/selected-clients.js';
import { AdminController } from './admin-routes.js';
import { ApiProblems, BODY_TOO_LARGE, READ_ONLY, UNKNOWN_PARAMETER } from './api-problems.js';
import { RemovedClients, UserRealm } from './client.dto.js';
import { Reason } from './page.dto.js';
import { OfRealm, type RealmScope, Scope } from './realm-scope.js';

@AdminController('users', 'Clients')
export class AdminUsersController {
  constructor(private readonly selected: SelectedClients) {}

  @Delete(':sub')
  @OfRealm('filter')
  @ApiBody({ type: Reason, required: false })
  @ApiParam({ name: 'sub', description: 'The user: the `sub` of the tokens' })
  @ApiOperation({ summary: 'Disconnects all clients of a user on all nodes, in the realms that the token sees' })
  @ApiOkResponse({ type: RemovedClients, description: 'The clients are being disconnected' })
  @ApiProblems(UNKNOWN_PARAMETER, READ_ONLY, BODY_TOO_LARGE)
  async remove(
    @Param('sub') user: string,
    @Query() { realm }: UserRealm,
    @Scope() scope: RealmScope,
    @Body() _why?: Reason,
  ): Promise<RemovedClients> {
    return { removed: await this.selected.disconnect({ user, realms: scope.within(realm) }) };
  }
}
