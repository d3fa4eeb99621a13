import type { IncomingMessage } from 'node:http';
import { Controller, Get, Header, Query, Req, UseFilters } from '@nestjs/common';
import { applyDocumentation, Documented } from '../common/documented.js';
import { DomainError } from '../common/domain-error.js';
import { DEFAULT_REALM } from '../config/realm-doors.js';
import { documentedIce, TurnCredentials, withToken } from './ice.documents.js';
import { documentedRefusals, IceExceptionFilter } from './ice.errors.js';
import type { IceConfig } from './ice-provider.js';
import { IceRequests } from './ice-requests.js';
import { turnCredentialsIn } from './turn-credentials-answer.js';

/** A query parameter as Express parses it. */
type Parameter = string | readonly string[] | undefined;

/** ICE servers and TURN credentials over HTTP, for pages and programs of any kind. */
@Documented(({ ApiTags }) => [ApiTags('ICE')])
@Controller()
@UseFilters(IceExceptionFilter)
export class IceController {
  constructor(private readonly requests: IceRequests) {}

  @Get('ice-servers')
  @Header('Cache-Control', 'no-store')
  @Documented((swagger) => [
    ...documentedIce(swagger),
    swagger.ApiQuery({ name: 'realm', required: false, example: DEFAULT_REALM }),
    ...documentedRefusals(swagger),
  ])
  async iceServers(@Req() request: IncomingMessage, @Query('realm') realm?: Parameter): Promise<IceConfig> {
    return this.requests.answer(request, { realm: textOf('realm', realm) ?? DEFAULT_REALM });
  }

  @Get('turn/credentials')
  @Header('Cache-Control', 'no-store')
  @Documented((swagger) => [
    swagger.ApiOperation({ summary: 'Returns a TURN credential (draft-uberti-behave-turn-rest-00)' }),
    swagger.ApiQuery({ name: 'service', required: true, example: 'turn' }),
    swagger.ApiQuery({ name: 'username', required: false, description: 'Ignored if the realm authenticates users' }),
    swagger.ApiQuery({ name: 'realm', required: false, example: DEFAULT_REALM }),
    ...withToken(swagger),
    swagger.ApiOkResponse({ type: applyDocumentation(TurnCredentials, swagger) }),
    ...documentedRefusals(swagger),
  ])
  async turnCredentials(
    @Req() request: IncomingMessage,
    @Query() query: Readonly<Record<string, Parameter>>,
  ): Promise<TurnCredentials> {
    if (query.service !== 'turn') throw invalid('service');
    const username = textOf('username', query.username);
    const realm = textOf('realm', query.realm) ?? DEFAULT_REALM;
    return turnCredentialsIn(await this.requests.answer(request, { realm, username }));
  }
}

/** @throws DomainError INVALID_REQUEST for a parameter that is given more than once */
function textOf(name: string, value: Parameter): string | undefined {
  if (typeof value === 'object') throw invalid(name);
  return value === '' ? undefined : value;
}

function invalid(parameter: string): DomainError {
  return new DomainError('INVALID_REQUEST', { reason: `invalid parameter '${parameter}'` });
}
