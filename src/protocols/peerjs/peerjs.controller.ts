import { Controller, Get, Header, Param, UseFilters } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ClientsService } from '../../clients/clients.service.js';
import { DomainError } from '../../common/domain-error.js';
import { PeerJsOptions } from '../../config/sections/peerjs.options.js';
import { IdGenerator } from '../id-generator.js';
import { PeerJsHttpExceptionFilter } from './peerjs.errors.js';
import { InfoDocument } from './peerjs.info.js';
import { PeerJsKeys } from './peerjs.keys.js';
import { PEERJS } from './peerjs.messages.js';
import { ApiRefusals } from './peerjs.refusals.js';

const PAGE = 1000;
/** Maximum number of ids that are generated for one request. */
const MAX_TRIES = 100;

/** The HTTP endpoints of PeerJS clients, below the mount path. */
@ApiTags('PeerJS')
@Controller()
@UseFilters(PeerJsHttpExceptionFilter)
export class PeerJsController {
  constructor(
    private readonly keys: PeerJsKeys,
    private readonly clients: ClientsService,
    private readonly ids: IdGenerator,
    private readonly options: PeerJsOptions,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Identifies the server' })
  @ApiOkResponse({ type: InfoDocument })
  info(): InfoDocument {
    return new InfoDocument();
  }

  @Get(':key/id')
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @ApiOperation({ summary: 'Generates an unused id' })
  @ApiOkResponse({ content: { 'text/plain': { example: '7ddb5a6b-6a4b-4a3f-9b0a-5d2f3f1f8c11' } } })
  @ApiRefusals({
    'The key is unknown': new DomainError('REALM_UNKNOWN', {}),
    'Redis is unreachable': new DomainError('UNAVAILABLE', {}),
    'All generated ids are taken': new DomainError('ID_TAKEN', { id: '' }),
  })
  async id(@Param('key') key: string): Promise<string> {
    const realm = this.keys.realmOf(key);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const id = this.ids.peerJsClient();
      if (!(await this.clients.locate(realm, id))) return id;
    }
    throw new DomainError('ID_TAKEN', { id: '' });
  }

  @Get(':key/peers')
  @ApiOperation({ summary: 'Lists the ids of all PeerJS clients, if discovery is allowed' })
  @ApiOkResponse({ type: [String] })
  @ApiRefusals({
    'The key is unknown': new DomainError('REALM_UNKNOWN', {}),
    'Discovery is not allowed': new DomainError('NOT_AUTHORIZED', {}),
    'Redis is unreachable': new DomainError('UNAVAILABLE', {}),
  })
  async peers(@Param('key') key: string): Promise<string[]> {
    const realm = this.keys.realmOf(key);
    if (!this.options.allowDiscovery) throw new DomainError('NOT_AUTHORIZED', {});
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.clients.list({ realm, protocol: PEERJS, limit: PAGE, cursor });
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.cursor;
    } while (cursor !== undefined);
    return ids;
  }
}
