import { Injectable } from '@nestjs/common';
import { RealmMap } from '../common/realm-map.js';
import type { Client } from './client.js';
import type { Session } from './client-directory.js';

interface Claiming {
  readonly client: Client;
  /** Whether a client of another node has taken the id over already. */
  hasLost: boolean;
}

/** The clients of this node by realm and id, counted by protocol, and the sessions that are claiming their ids. */
@Injectable()
export class ClientsHere extends RealmMap<Client> {
  private readonly counts = new Map<string, Map<string, number>>();
  /** The sessions that are claiming their ids. */
  private readonly claiming = new Map<number, Claiming>();
  /** Begins with the time, so that a later run of this node gives other numbers; up to 1000 a millisecond. */
  private sessions = Date.now() * 1000;

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

  /** The client of a session, unless it has lost its id. */
  ofSession({ realm, id, session }: Session): Client | undefined {
    const client = this.get(realm, id);
    return client?.session === session ? client : undefined;
  }

  /** Number of clients in each realm, by protocol. */
  byProtocol(): Iterable<[protocol: string, byRealm: ReadonlyMap<string, number>]> {
    return this.counts;
  }

  /** The clients that have an id, and those that are claiming one. */
  *withClaiming(): Iterable<Client> {
    yield* this.all();
    for (const { client } of this.claiming.values()) if (this.get(client.realm, client.id) !== client) yield client;
  }

  /** Starts a session that claims an id. */
  startClaiming(client: Client): number {
    const session = ++this.sessions;
    this.claiming.set(session, { client, hasLost: false });
    return session;
  }

  isClaiming(session: number): boolean {
    return this.claiming.has(session);
  }

  /** Tells a session that is still claiming its id that it has lost the id already. */
  loseClaim(session: number): void {
    const claiming = this.claiming.get(session);
    if (claiming) claiming.hasLost = true;
  }

  hasLostClaim(session: number): boolean {
    return this.claiming.get(session)?.hasLost ?? false;
  }

  endClaiming(session: number): void {
    this.claiming.delete(session);
  }

  private add({ protocol, realm }: Client, more: 1 | -1): void {
    let byRealm = this.counts.get(protocol);
    if (!byRealm) this.counts.set(protocol, (byRealm = new Map<string, number>()));
    const count = (byRealm.get(realm) ?? 0) + more;
    if (count > 0) byRealm.set(realm, count);
    else byRealm.delete(realm);
  }
}
