import { RealmMap } from '../common/realm-map.js';
import type { Client } from './client.js';

/** The clients of this node by realm and id, counted as they come and go. */
export class ClientsHere extends RealmMap<Client> {
  private readonly counts = new Map<string, Map<string, number>>();

  override set(realm: string, id: string, client: Client): void {
    this.delete(realm, id);
    super.set(realm, id, client);
    this.add(client, 1);
  }

  override delete(realm: string, id: string): boolean {
    const client = this.get(realm, id);
    if (client) this.add(client, -1);
    return super.delete(realm, id);
  }

  /** The number of clients of each realm, by protocol. */
  byProtocol(): Iterable<[protocol: string, byRealm: ReadonlyMap<string, number>]> {
    return this.counts;
  }

  private add({ protocol, realm }: Client, more: 1 | -1): void {
    let byRealm = this.counts.get(protocol);
    if (!byRealm) this.counts.set(protocol, (byRealm = new Map<string, number>()));
    const count = (byRealm.get(realm) ?? 0) + more;
    if (count > 0) byRealm.set(realm, count);
    else byRealm.delete(realm);
  }
}
