import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { ClientRegistry } from '../clients/client-registry.js';
import { DomainError } from '../common/domain-error.js';
import type { Identity } from '../common/identity.js';
import { Authenticator } from '../identity/authenticator.js';
import { Supervision } from '../identity/supervision.js';
import { ClientRooms } from '../rooms/client-rooms.js';

/** Gives connected clients the identities of their new tokens. */
@Injectable()
export class Renewals {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly supervision: Supervision,
    private readonly registry: ClientRegistry,
    private readonly rooms: ClientRooms,
  ) {}

  /**
   * Checks a new token of a client and replaces its identity. If it fails, nothing has changed.
   * @throws DomainError UNAUTHENTICATED, NOT_AUTHORIZED, UNAVAILABLE; UNKNOWN_EVENT in a realm that checks no tokens
   */
  async renew(client: Client, token: string | undefined): Promise<Identity> {
    const { protocol, realm, id, address, source } = client;
    // Asked inside: a check of a client that has gone would fail unheard, and an unheard error ends the process.
    const identity = await client.ask((gone) => {
      const attempt = { protocol, realm, id, token, address, ...source };
      const checked = this.authenticator.authenticate(attempt, { renews: client, gone });
      if (!(checked instanceof Promise)) throw new DomainError('UNKNOWN_EVENT', { event: '' });
      return checked;
    });
    await this.apply(client, identity);
    return client.identity;
  }

  /**
   * Replaces the identity of a client by one that was checked as its renewal. The client leaves the rooms that the new
   * one does not allow. If it fails, the client keeps its identity.
   * @throws DomainError UNAVAILABLE
   */
  async apply(client: Client, identity: Identity): Promise<void> {
    const before = client.identity;
    this.supervision.give(client, identity);
    if (identity === before) return;
    try {
      await this.rooms.leaveForbidden(client);
    } catch (error) {
      this.supervision.give(client, before);
      throw error;
    }
    await this.registry.update(client);
  }
}
