import { Injectable } from '@nestjs/common';
import { DomainError } from '../common/domain-error.js';
import type { Page } from '../common/page.js';
import { RealmMap } from '../common/realm-map.js';
import { NodeIdentity } from '../common/node-identity.js';
import type { Client } from './client.js';
import { ClientDirectory, type ClientEntry, type ClientQuery } from './client-directory.js';

/**
 * Who is connected. What answers at once knows the clients of this node; what answers with a promise knows those of all.
 */
@Injectable()
export class ClientsService {
  private readonly here = new RealmMap<Client>();

  constructor(
    private readonly directory: ClientDirectory,
    private readonly node: NodeIdentity,
  ) {}

  /**
   * Makes a client known under its id.
   * @throws DomainError ID_TAKEN
   */
  async register(client: Client): Promise<void> {
    const { realm, id, protocol, token, address, since } = client;
    const claim = await this.directory.claim({ realm, id, protocol, node: this.node.name, token, address, since });
    if (claim === 'taken') throw new DomainError('ID_TAKEN', { id });
    this.here.set(realm, id, client);
  }

  /** Forgets a client and frees its id. */
  async unregister(client: Client): Promise<void> {
    if (this.here.get(client.realm, client.id) !== client) return;
    this.here.delete(client.realm, client.id);
    await this.directory.release(client.realm, client.id, this.node.name);
  }

  /** A client of this node. */
  findHere(realm: string, id: string): Client | undefined {
    return this.here.get(realm, id);
  }

  /** Number of clients of this node. */
  get countHere(): number {
    return this.here.size;
  }

  /** Where a client is connected, on whatever node. */
  locate(realm: string, id: string): Promise<ClientEntry | undefined> {
    return this.directory.find(realm, id);
  }

  /** Clients of all nodes, page by page. */
  list(query: ClientQuery): Promise<Page<ClientEntry>> {
    return this.directory.list(query);
  }
}
