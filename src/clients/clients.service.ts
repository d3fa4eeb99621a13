import { Injectable } from '@nestjs/common';
import { DomainError } from '../common/domain-error.js';
import { isGroupRoom } from '../common/group.js';
import { NodeCalls } from '../common/node-calls.js';
import type { Page, PageQuery, RealmCount } from '../common/page.js';
import { RealmMap } from '../common/realm-map.js';
import type { Traffic } from '../common/traffic.js';
import { MessageBus } from '../common/message-bus.js';
import { NodeIdentity } from '../common/node-identity.js';
import type { Client } from './client.js';
import { ClientDirectory, type ClientEntry, type ClientQuery } from './client-directory.js';

const INSPECT = 'inspect client';
const REMOVE = 'remove client';

interface Target {
  readonly realm: string;
  readonly id: string;
}

/** What only a client's own node knows of it. */
export interface ClientStatus extends Traffic {
  /** Ids of its rooms. */
  readonly rooms: readonly string[];
}

/** All that is known of a client. */
export type ClientDetails = ClientEntry & ClientStatus;

/**
 * Who is connected. What answers at once knows the clients of this node; what answers with a promise knows those of all.
 */
@Injectable()
export class ClientsService {
  private readonly here = new RealmMap<Client>();
  private sessions = 0;

  constructor(
    private readonly directory: ClientDirectory,
    private readonly bus: MessageBus,
    private readonly node: NodeIdentity,
    private readonly calls: NodeCalls,
  ) {
    calls.handle(INSPECT, ({ realm, id }: Target) => this.inspectHere(realm, id));
    calls.handle(REMOVE, ({ realm, id }: Target) => this.removeHere(realm, id));
    bus.onMessage('replaced', ({ realm, id, session }) => {
      const client = this.here.get(realm, id);
      if (client?.session === session) this.dismiss(client);
    });
  }

  /**
   * Makes a client known under its id. Whoever had the id with the same token is sent away, wherever it is; the new client
   * takes its place, in its rooms too.
   * @returns whether it took somebody's place
   * @throws DomainError ID_TAKEN
   */
  async register(client: Client): Promise<boolean> {
    client.session = ++this.sessions;
    const { realm, id, protocol, token, address, since, session } = client;
    const node = this.node.name;
    const claim = await this.directory.claim({ realm, id, protocol, node, session, address, since }, token);
    if (claim.outcome === 'taken') throw new DomainError('ID_TAKEN', { id });
    const previous = this.here.get(realm, id);
    if (previous) inherit(client, previous);
    this.dismiss(previous);
    this.here.set(realm, id, client);
    if (claim.outcome === 'claimed') return false;
    const other = claim.previous;
    if (other.node !== node) {
      await this.bus.send(other.node, { version: 1, type: 'replaced', realm, id, session: other.session });
    }
    return true;
  }

  /**
   * Makes a client known no more: from now on it is not found here.
   * @returns whether it was known, and its id is still to be released; false if another client has taken its place
   */
  hide(client: Client): boolean {
    return this.here.get(client.realm, client.id) === client && this.here.delete(client.realm, client.id);
  }

  /** Frees the id of a hidden client for others. */
  async release(client: Client): Promise<void> {
    await this.directory.release(client.realm, client.id, this.node.name, client.session);
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

  /**
   * All that is known of a client, wherever it is; undefined if it is nowhere.
   * @throws DomainError UNAVAILABLE if its node does not answer
   */
  async inspect(realm: string, id: string): Promise<ClientDetails | undefined> {
    const entry = await this.directory.find(realm, id);
    if (!entry) return undefined;
    const status = await this.calls.call<Target, ClientStatus | null>(entry.node, INSPECT, { realm, id });
    return status ? { ...entry, ...status } : undefined;
  }

  /**
   * Sends a client away, wherever it is. A reason for people is for whoever logs it.
   * @returns its entry; undefined if it is nowhere
   * @throws DomainError UNAVAILABLE if its node does not answer
   */
  async remove(realm: string, id: string): Promise<ClientEntry | undefined> {
    const entry = await this.directory.find(realm, id);
    if (!entry) return undefined;
    return (await this.calls.call<Target, boolean>(entry.node, REMOVE, { realm, id })) ? entry : undefined;
  }

  /** The clients of this node. */
  clientsHere(): Iterable<Client> {
    return this.here.all();
  }

  /** The realms that have clients on any node, page by page. */
  realms(query: PageQuery): Promise<Page<RealmCount>> {
    return this.directory.realms(query);
  }

  /** Number of clients on all nodes. */
  count(): Promise<number> {
    return this.directory.count();
  }

  /** Clients of all nodes, page by page. */
  list(query: ClientQuery): Promise<Page<ClientEntry>> {
    return this.directory.list(query);
  }

  private inspectHere(realm: string, id: string): ClientStatus | null {
    const client = this.here.get(realm, id);
    return client ? { rooms: [...client.rooms].filter((room) => !isGroupRoom(room)), ...client.traffic } : null;
  }

  private removeHere(realm: string, id: string): boolean {
    const client = this.here.get(realm, id);
    client?.end('removed');
    return client !== undefined;
  }

  /** Sends a client of this node away whose id is somebody else's by now. */
  private dismiss(client: Client | undefined): void {
    if (!client) return;
    this.here.delete(client.realm, client.id);
    client.end('replaced');
  }
}

function inherit(client: Client, previous: Client): void {
  for (const room of previous.rooms) client.rooms.add(room);
  for (const room of previous.createdRooms) client.createdRooms.add(room);
  previous.rooms.clear();
  previous.createdRooms.clear();
}
