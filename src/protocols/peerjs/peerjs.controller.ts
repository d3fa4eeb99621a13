import { Controller, Get, Header, Param, UseFilters } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ClientsService } from '../../clients/clients.service.js';
import { DomainError } from '../../common/domain-error.js';
import { IdGenerator } from '../id-generator.js';
import { PeerJsOptions } from '../../config/sections/peerjs.options.js';
import { ApiRefusals } from './peerjs.refusals.js';
import { PeerJsHttpExceptionFilter } from './peerjs.errors.js';
import { InfoDocument } from './peerjs.info.js';
import { PeerJsKeys } from './peerjs.keys.js';
import { PEERJS } from './peerjs.messages.js';

const PAGE = 1000;
/** How many ids are made in search of one that nobody uses. */
const MAX_TRIES = 100;

/** What PeerJS clients ask for over HTTP, below the mount path. */
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
  @ApiOperation({ summary: 'Says that the server is there' })
  @ApiOkResponse({ type: InfoDocument })
  info(): InfoDocument {
    return new InfoDocument();
  }

  @Get(':key/id')
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @ApiOperation({ summary: 'A new id that nobody uses' })
  @ApiOkResponse({ content: { 'text/plain': { example: '7ddb5a6b-6a4b-4a3f-9b0a-5d2f3f1f8c11' } } })
  @ApiRefusals({
    'The key is not served': new DomainError('REALM_UNKNOWN', {}),
    'Nobody can say which ids are free': new DomainError('UNAVAILABLE', {}),
    'All ids that were tried are taken': new DomainError('ID_TAKEN', { id: '' }),
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
  @ApiOperation({ summary: 'The ids of all PeerJS clients, if discovery is allowed' })
  @ApiOkResponse({ type: [String] })
  @ApiRefusals({
    'The key is not served': new DomainError('REALM_UNKNOWN', {}),
    'Discovery is not allowed': new DomainError('NOT_AUTHORIZED', {}),
    'Nobody can say which clients there are': new DomainError('UNAVAILABLE', {}),
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
