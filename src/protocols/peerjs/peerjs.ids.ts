import { Injectable } from '@nestjs/common';
import { ClientsService } from '../../clients/clients.service.js';
import { DomainError } from '../../common/domain-error.js';
import { PeerJsOptions } from '../../config/sections/peerjs.options.js';
import { IdGenerator } from '../id-generator.js';
import { PeerJsKeys } from './peerjs.keys.js';
import { PEERJS } from './peerjs.messages.js';

const PAGE = 1000;
/** Maximum number of ids that are generated for one request. */
const MAX_TRIES = 100;

/** The ids of PeerJS clients on all nodes. */
@Injectable()
export class PeerJsIds {
  constructor(
    private readonly keys: PeerJsKeys,
    private readonly clients: ClientsService,
    private readonly ids: IdGenerator,
    private readonly options: PeerJsOptions,
  ) {}

  /**
   * Generates an id that no client with this key has.
   * @throws DomainError REALM_UNKNOWN, ID_TAKEN
   */
  async unused(key: string): Promise<string> {
    const realm = this.keys.realmOf(key);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const id = this.ids.peerJsClient();
      if (!(await this.clients.locate(realm, id))) return id;
    }
    throw new DomainError('ID_TAKEN', { id: '' });
  }

  /**
   * Returns the ids of all clients with this key.
   * @throws DomainError REALM_UNKNOWN, NOT_AUTHORIZED if discovery is not allowed
   */
  async all(key: string): Promise<string[]> {
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
