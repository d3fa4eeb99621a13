import { Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Admin } from '../access/admin-token.js';
import { AdminController } from './admin-routes.js';
import { ApiProblems } from './api-problems.js';
import { OfRealm, RequestAdmin } from './realm-scope.js';
import { TokenDetail, tokenDetailOf } from './token.dto.js';

@AdminController('token', 'Nodes')
export class AdminTokenController {
  @Get()
  @OfRealm('filter')
  @ApiOperation({ summary: 'Returns what the token of the request permits' })
  @ApiOkResponse({ type: TokenDetail, description: 'The token' })
  @ApiProblems()
  token(@RequestAdmin() admin: Admin): TokenDetail {
    return tokenDetailOf(admin);
  }
}
