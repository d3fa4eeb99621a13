import { Injectable } from '@nestjs/common';
import { checkIdLength } from '../../clients/client-names.js';
import { ClientsService } from '../../clients/clients.service.js';
import { DomainError } from '../../common/domain-error.js';
import { LimitOptions } from '../../config/sections/limit.options.js';
import { Realms } from '../../realms/realms.js';
import { IdGenerator } from '../id-generator.js';

/** Maximum number of ids that are generated for one request. */
const MAX_TRIES = 100;

/** The ids of PeerJS clients on all nodes. */
@Injectable()
export class PeerJsIds {
  constructor(
    private readonly realms: Realms,
    private readonly clients: ClientsService,
    private readonly ids: IdGenerator,
    private readonly limits: LimitOptions,
  ) {}

  /** @throws DomainError LIMIT_REACHED for an id that is too long */
  check(id: string): void {
    checkIdLength(id, this.limits);
  }

  /** Whether a client of any node has an id. */
  async isInUse(realm: string, id: string): Promise<boolean> {
    return (await this.clients.locate(realm, id)) !== undefined;
  }

  /**
   * Generates an id that no client with this key has.
   * @throws DomainError REALM_UNKNOWN, ID_TAKEN
   */
  async unused(key: string): Promise<string> {
    const realm = this.realms.ofPeerJsKey(key);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const id = this.ids.peerJsClient();
      if (!(await this.isInUse(realm, id))) return id;
    }
    throw new DomainError('ID_TAKEN', { id: '' });
  }
}
