import { Injectable } from '@nestjs/common';
import { BlocksHere } from '../blocks/blocks-here.js';
import type { Client } from '../clients/client.js';
import type { Identity } from '../common/identity.js';
import { Realms } from '../realms/realms.js';
import { ExpiryTimer } from './expiry-timer.js';
import { Permissions } from './permissions.js';
import { RealmPlaces } from './realm-places.js';

/**
 * Applies identities and the limits of realms to the clients of this node, from their registration to their end.
 */
@Injectable()
export class Supervision {
  constructor(
    private readonly permissions: Permissions,
    private readonly expiry: ExpiryTimer,
    private readonly places: RealmPlaces,
    private readonly realms: Realms,
    private readonly blocks: BlocksHere,
  ) {}

  /** @throws DomainError NOT_AUTHORIZED for a blocked user, CLIENTS_LIMIT_REACHED, UNAVAILABLE; then nothing has begun */
  begin(client: Client): void | Promise<void> {
    // The user may have been blocked since the authentication.
    this.blocks.checkUser(client.realm, client.identity.sub);
    const taking = this.places.take(client);
    if (taking) return taking.then(() => this.watch(client));
    this.watch(client);
  }

  end(client: Client): void {
    this.places.giveBack(client);
    this.expiry.forget(client);
  }

  /** Replaces the identity of a client by another one of the same user and id, and ends the client with it. */
  give(client: Client, identity: Identity): void {
    client.identity = identity;
    this.expiry.watch(client);
  }

  private watch(client: Client): void {
    const { framesPerSecond, maxClientsPerUser } = this.realms.get(client.realm).limits;
    client.limitRate(framesPerSecond);
    client.maxOfUser = maxClientsPerUser;
    if (this.permissions.watchesSignals) client.watch();
    this.expiry.watch(client);
  }
}
