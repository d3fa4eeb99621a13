import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { ClientsService } from '../../clients/clients.service.js';
import { DomainError } from '../../common/domain-error.js';
import { PeerJsOptions } from '../../config/sections/peerjs.options.js';
import { bearerOf } from '../../identity/bearer.js';
import { Realms } from '../../realms/realms.js';
import { RequestRouter } from '../../transport/http/request-router.js';
import { Newcomers } from '../newcomers.js';
import { PEERJS } from './peerjs.messages.js';

const PAGE = 1000;

/** Lists PeerJS clients for one another. */
@Injectable()
export class PeerJsDiscovery {
  constructor(
    private readonly realms: Realms,
    private readonly clients: ClientsService,
    private readonly newcomers: Newcomers,
    private readonly router: RequestRouter,
    private readonly options: PeerJsOptions,
  ) {}

  /**
   * Returns the ids of all clients with this key, on all nodes.
   * @throws DomainError REALM_UNKNOWN; UNAUTHENTICATED, NOT_AUTHORIZED for the token of the request; LIMIT_REACHED for a
   *   bad token from an address that has sent too many; CREDENTIALS_MISSING if discovery is not allowed
   */
  async all(key: string, request: IncomingMessage): Promise<string[]> {
    const realm = this.realms.ofPeerJsKey(key);
    const address = this.router.addressOf(request);
    await this.newcomers.check(request, { protocol: PEERJS, realm, token: bearerOf(request), address });
    if (!this.options.allowDiscovery) throw new DomainError('CREDENTIALS_MISSING', {});
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
