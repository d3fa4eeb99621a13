import { Injectable } from '@nestjs/common';
import { isUnavailable } from '../common/domain-error.js';
import { NodeCalls } from '../common/node-calls.js';
import type { Page, PageQuery, RealmCount } from '../common/page.js';
import { ClientDirectory, type ClientEntry, type ClientQuery } from './client-directory.js';
import { type ClientStatus, statusOf } from './client-status.js';
import type { ClientView } from './client-view.js';
import { ClientsHere } from './clients-here.js';

const INSPECT = 'inspect client';
const INSPECT_ALL = 'inspect clients';
const REMOVE = 'remove client';

interface Target {
  readonly realm: string;
  readonly id: string;
}

/** A client's entry in the directory, with the details that its node has. */
export type ClientDetails = ClientEntry & ClientStatus;

/**
 * The connected clients, for applications. Synchronous methods cover the clients of this node, asynchronous ones those
 * of all nodes.
 */
@Injectable()
export class ClientsService {
  /** @internal */
  constructor(
    private readonly directory: ClientDirectory,
    private readonly here: ClientsHere,
    private readonly calls: NodeCalls,
  ) {
    calls.handle(INSPECT, ({ realm, id }: Target) => this.inspectHere(realm, id));
    calls.handle(INSPECT_ALL, (targets: Target[]) => targets.map(({ realm, id }) => this.inspectHere(realm, id)));
    calls.handle(REMOVE, ({ realm, id }: Target) => this.removeHere(realm, id));
  }

  /** A client of this node. */
  findHere(realm: string, id: string): ClientView | undefined {
    return this.here.get(realm, id)?.view;
  }

  /** The clients of this node. */
  *clientsHere(): Iterable<ClientView> {
    for (const client of this.here.all()) yield client.view;
  }

  /** Number of clients of this node. */
  get countHere(): number {
    return this.here.size;
  }

  /** Number of clients of this node in each realm, by protocol. */
  get countsHere(): Iterable<[protocol: string, byRealm: ReadonlyMap<string, number>]> {
    return this.here.byProtocol();
  }

  /** The directory's entry of a client, which names the client's node. */
  locate(realm: string, id: string): Promise<ClientEntry | undefined> {
    return this.directory.find(realm, id);
  }

  /**
   * Asks a client's node for the client's details.
   * @returns undefined if the client is not connected
   * @throws DomainError UNAVAILABLE if the node does not answer
   */
  async inspect(realm: string, id: string): Promise<ClientDetails | undefined> {
    const entry = await this.directory.find(realm, id);
    if (!entry) return undefined;
    const status = await this.calls.call<ClientStatus | null>(entry.node, INSPECT, { realm, id });
    return status ? { ...entry, ...status } : undefined;
  }

  /**
   * Asks the nodes of clients for the details of the clients, each node once.
   * @returns details in the order of the entries; undefined for a client that has gone, or whose node does not answer
   */
  async inspectAll(entries: readonly ClientEntry[]): Promise<(ClientStatus | undefined)[]> {
    const found = new Map<ClientEntry, ClientStatus>();
    const nodes = new Set(entries.map(({ node }) => node));
    await Promise.all(
      [...nodes].map(async (node) => {
        const its = entries.filter((entry) => entry.node === node);
        const answers = await this.inspectOn(node, its);
        for (const [at, entry] of its.entries()) if (answers[at]) found.set(entry, answers[at]);
      }),
    );
    return entries.map((entry) => found.get(entry));
  }

  /**
   * Disconnects a client on any node.
   * @returns its entry; undefined if it is not connected
   * @throws DomainError UNAVAILABLE if its node does not answer
   */
  async remove(realm: string, id: string): Promise<ClientEntry | undefined> {
    const entry = await this.directory.find(realm, id);
    if (!entry) return undefined;
    return (await this.calls.call<boolean>(entry.node, REMOVE, { realm, id })) ? entry : undefined;
  }

  /** Clients of all nodes, page by page. */
  list(query: ClientQuery): Promise<Page<ClientEntry>> {
    return this.directory.list(query);
  }

  /** Realms that have clients on any node, page by page. */
  realms(query: PageQuery): Promise<Page<RealmCount>> {
    return this.directory.realms(query);
  }

  /** Number of clients on all nodes. */
  count(): Promise<number> {
    return this.directory.count();
  }

  private inspectHere(realm: string, id: string): ClientStatus | null {
    const client = this.here.get(realm, id);
    return client ? statusOf(client) : null;
  }

  private async inspectOn(node: string, targets: readonly Target[]): Promise<readonly (ClientStatus | null)[]> {
    try {
      const argument = targets.map(({ realm, id }) => ({ realm, id }));
      return await this.calls.call<(ClientStatus | null)[]>(node, INSPECT_ALL, argument);
    } catch (error) {
      if (isUnavailable(error)) return [];
      throw error;
    }
  }

  private removeHere(realm: string, id: string): boolean {
    const client = this.here.get(realm, id);
    client?.end('removed');
    return client !== undefined;
  }
}
