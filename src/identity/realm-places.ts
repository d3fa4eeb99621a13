import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { ClientDirectory } from '../clients/client-directory.js';
import { DomainError } from '../common/domain-error.js';
import { Realms } from '../realms/realms.js';

/** Bounds the clients of each realm on this node. Clients that the application operates take no place. */
@Injectable()
export class RealmPlaces {
  private readonly taken = new Map<string, Set<Client>>();

  constructor(
    private readonly realms: Realms,
    private readonly directory: ClientDirectory,
  ) {}

  /**
   * Takes a place for a client that connects. Above the limit, a client gets one if its id is in use: it may replace a
   * client that has a place already.
   * @throws DomainError CLIENTS_LIMIT_REACHED, UNAVAILABLE
   */
  take(client: Client): void | Promise<void> {
    const { maxClients } = this.realms.get(client.realm).limits;
    if (maxClients === undefined || client.isTrusted) return;
    let clients = this.taken.get(client.realm);
    if (!clients) this.taken.set(client.realm, (clients = new Set()));
    if (clients.size >= maxClients) return this.takeOver(client, clients, maxClients);
    // Check and count are one step, so that clients that connect together cannot pass the limit.
    clients.add(client);
  }

  /** Gives the place of a client back, if it has one. */
  giveBack(client: Client): void {
    this.taken.get(client.realm)?.delete(client);
  }

  private async takeOver(client: Client, clients: Set<Client>, limit: number): Promise<void> {
    const owner = client.token === undefined ? undefined : await this.directory.find(client.realm, client.id);
    if (!owner) throw new DomainError('CLIENTS_LIMIT_REACHED', { limit });
    clients.add(client);
  }
}
