import type { IncomingMessage } from 'node:http';
import { Controller, Get, Header, Param, Req, UseFilters } from '@nestjs/common';
import { Documented } from '../../common/documented.js';
import { DomainError } from '../../common/domain-error.js';
import { withToken } from '../../ice/ice.documents.js';
import { PeerJsDiscovery } from './peerjs.discovery.js';
import { PeerJsHttpExceptionFilter } from './peerjs.errors.js';
import { PeerJsIds } from './peerjs.ids.js';
import { DocumentedInfo, InfoDocument } from './peerjs.info.js';
import { refusalsOf } from './peerjs.refusals.js';

/** The HTTP endpoints of PeerJS clients, below the mount path. */
@Documented(({ ApiTags }) => [ApiTags('PeerJS')])
@Controller()
@UseFilters(PeerJsHttpExceptionFilter)
export class PeerJsController {
  constructor(
    private readonly ids: PeerJsIds,
    private readonly discovery: PeerJsDiscovery,
  ) {}

  @Get()
  @DocumentedInfo()
  info(): InfoDocument {
    return new InfoDocument();
  }

  @Get(':key/id')
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @Documented((swagger) => [
    swagger.ApiOperation({ summary: 'Generates an unused id' }),
    swagger.ApiOkResponse({ content: { 'text/plain': { example: '7ddb5a6b-6a4b-4a3f-9b0a-5d2f3f1f8c11' } } }),
    ...refusalsOf(swagger, {
      'The key is unknown': new DomainError('REALM_UNKNOWN', {}),
      'Redis is unreachable': new DomainError('UNAVAILABLE', {}),
      'All generated ids are taken': new DomainError('ID_TAKEN', { id: '' }),
    }),
  ])
  id(@Param('key') key: string): Promise<string> {
    return this.ids.unused(key);
  }

  @Get(':key/peers')
  @Documented((swagger) => [
    swagger.ApiOperation({ summary: 'Lists the ids of all PeerJS clients, if discovery is allowed' }),
    ...withToken(swagger),
    swagger.ApiOkResponse({ type: [String] }),
    ...refusalsOf(swagger, {
      'The key is unknown': new DomainError('REALM_UNKNOWN', {}),
      'Discovery is not allowed': new DomainError('CREDENTIALS_MISSING', {}),
      'A valid token is required': new DomainError('UNAUTHENTICATED', { reason: '' }),
      'The client may not connect': new DomainError('NOT_AUTHORIZED', {}),
      'Too many bad tokens came from this address': new DomainError('LIMIT_REACHED', { what: '', limit: 0 }),
      'Redis is unreachable': new DomainError('UNAVAILABLE', {}),
    }),
  ])
  peers(@Param('key') key: string, @Req() request: IncomingMessage): Promise<string[]> {
    return this.discovery.all(key, request);
  }
}
