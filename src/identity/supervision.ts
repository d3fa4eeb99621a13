import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { DomainError } from '../common/domain-error.js';
import type { Identity } from '../common/identity.js';
import { ExpiryTimer } from './expiry-timer.js';
import { Permissions } from './permissions.js';

/** Holds the clients of this node to their identities, from their registration to their end. */
@Injectable()
export class Supervision {
  constructor(
    private readonly permissions: Permissions,
    private readonly expiry: ExpiryTimer,
  ) {}

  begin(client: Client): void {
    if (this.permissions.watchesSignals) client.watch();
    this.expiry.watch(client);
  }

  end(client: Client): void {
    this.expiry.forget(client);
  }

  /**
   * Gives a client the identity of its new token.
   * @throws DomainError UNAUTHENTICATED if the token is for another user or id; then nothing has changed
   */
  renew(client: Client, identity: Identity): void {
    const { sub, id } = client.identity;
    if (identity.sub !== sub) throw new DomainError('UNAUTHENTICATED', { reason: 'subject' });
    if (identity.id !== id && identity.id !== client.id) throw new DomainError('UNAUTHENTICATED', { reason: 'id' });
    client.identity = identity;
    this.expiry.watch(client);
  }
}
