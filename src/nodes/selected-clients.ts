import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { clientFilter, type ClientFilters } from '../clients/client-filter.js';
import { ClientsHere } from '../clients/clients-here.js';
import { MessageBus } from '../common/message-bus.js';
import { NodeCalls } from '../common/node-calls.js';
import { NodeIdentity } from '../common/node-identity.js';

const COUNT = 'count clients';
const DISCONNECT = 'disconnect clients';

/** Maximum number of clients that one turn of the event loop disconnects. */
const ENDED_AT_ONCE = 200;

/** Clients of any nodes, by what they have in common. All members must match; absent ones match every client. */
export interface ClientSelection extends ClientFilters {
  readonly realms?: readonly string[];
  readonly ids?: readonly string[];
  /** Id of a room that they are in. */
  readonly room?: string;
}

interface Order {
  readonly selection: ClientSelection;
  readonly words?: string;
}

/** Counts and disconnects clients of all nodes. Each node selects its own. */
@Injectable()
export class SelectedClients {
  constructor(
    private readonly here: ClientsHere,
    private readonly bus: MessageBus,
    private readonly calls: NodeCalls,
    private readonly node: NodeIdentity,
  ) {
    calls.handle(COUNT, ({ selection }: Order) => this.select(this.here.all(), selection).length);
    calls.handle(DISCONNECT, ({ selection, words }: Order) => this.disconnectHere(selection, words));
  }

  /**
   * Returns the number of clients.
   * @throws DomainError INVALID_REQUEST for an invalid address; UNAVAILABLE if a node does not respond
   */
  count(selection: ClientSelection): Promise<number> {
    return this.sum(COUNT, { selection });
  }

  /**
   * Disconnects clients, those included that are still claiming their ids. Each node begins at once, and ends many
   * clients in several turns of its event loop.
   * @param words a reason that the clients hear, if their protocols have a message for it
   * @returns number of clients
   * @throws DomainError INVALID_REQUEST for an invalid address; UNAVAILABLE if a node does not respond: other nodes may
   *   have disconnected theirs
   */
  disconnect(selection: ClientSelection, words?: string): Promise<number> {
    return this.sum(DISCONNECT, { selection, ...(words !== undefined && { words }) });
  }

  /** As `disconnect`, for the clients of this node. */
  disconnectHere(selection: ClientSelection, words?: string): number {
    const clients = this.select(this.here.withClaiming(), selection);
    endAll(clients, words);
    return clients.length;
  }

  private async sum(method: string, order: Order): Promise<number> {
    // Other nodes cannot report what is wrong with a filter.
    clientFilter(order.selection);
    const nodes = await this.bus.nodes();
    const counts = await Promise.all(nodes.map((node) => this.calls.call<number>(node, method, order)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  private select(clients: Iterable<Client>, { realms, ids, room, ...filters }: ClientSelection): Client[] {
    const matches = clientFilter(filters);
    const { name: node } = this.node;
    const wantedIds = ids && new Set(ids);
    const isSelected = ({ realm, id, protocol, address, identity, rooms }: Client): boolean =>
      (realms === undefined || realms.includes(realm)) &&
      (wantedIds === undefined || wantedIds.has(id)) &&
      (room === undefined || rooms.has(room)) &&
      matches({ realm, id, protocol, address, node, user: identity.sub });
    return [...clients].filter(isSelected);
  }
}

function endAll(clients: readonly Client[], words: string | undefined): void {
  for (const client of clients.slice(0, ENDED_AT_ONCE)) client.end('removed', words);
  const rest = clients.slice(ENDED_AT_ONCE);
  if (rest.length > 0) setImmediate(() => endAll(rest, words));
}
