import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { DomainError } from '../common/domain-error.js';
import { type Identity, NOBODY } from '../common/identity.js';
import { Realms } from '../realms/realms.js';
import { refuse } from './auth-reasons.js';
import { ExpiryTimer } from './expiry-timer.js';
import { Permissions } from './permissions.js';
import { RealmPlaces } from './realm-places.js';

/** Holds the clients of this node to their identities and the limits of their realms, from their registration to their end. */
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
    if (identity.sub !== sub) throw new DomainError('UNAUTHENTICATED', { reason: 'subject' });
    if (identity.id !== id && identity.id !== client.id) throw new DomainError('UNAUTHENTICATED', { reason: 'id' });
    this.give(client, identity);
  }

  /** Gives a client an identity of its user and id, and its end. */
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
