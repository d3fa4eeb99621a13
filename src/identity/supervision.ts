import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { type Identity, NOBODY } from '../common/identity.js';
import { Realms } from '../realms/realms.js';
import { refuse } from './auth-reasons.js';
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
  ) {}

  /** @throws DomainError CLIENTS_LIMIT_REACHED, UNAVAILABLE; then nothing has begun */
  begin(client: Client): void | Promise<void> {
    const taking = this.places.take(client);
    if (taking) return taking.then(() => this.watch(client));
    this.watch(client);
  }

  end(client: Client): void {
    this.places.giveBack(client);
    this.expiry.forget(client);
  }

  /**
   * Gives a client the identity of its new token.
   * @throws DomainError UNAUTHENTICATED without a token, or for one of another user or id; then nothing has changed
   */
  renew(client: Client, identity: Identity): void {
    const { sub, id } = client.identity;
    // Without a token, a client would only lose its restrictions.
    if (identity === NOBODY && client.identity !== NOBODY) refuse('missing');
    if (identity.sub !== sub) refuse('subject');
    if (identity.id !== id && identity.id !== client.id) refuse('id');
    this.give(client, identity);
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
