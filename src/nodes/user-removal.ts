import { Injectable } from '@nestjs/common';
import { ClientsHere } from '../clients/clients-here.js';
import { MessageBus } from '../common/message-bus.js';
import { NodeCalls } from '../common/node-calls.js';

const REMOVE_USER = 'remove user';

interface Order {
  readonly user: string;
  /** Absent for all realms. */
  readonly realms?: readonly string[];
}

/** Disconnects all clients of a user. */
@Injectable()
export class UserRemoval {
  constructor(
    private readonly here: ClientsHere,
    private readonly bus: MessageBus,
    private readonly calls: NodeCalls,
  ) {
    calls.handle(REMOVE_USER, (order: Order) => this.removeHere(order));
  }

  /**
   * Disconnects the clients of a user on all nodes, those included that are still claiming their ids.
   * @param realms undefined for all realms
   * @returns number of clients
   * @throws DomainError UNAVAILABLE if a node does not respond; other nodes may have disconnected theirs
   */
  async remove(user: string, realms?: readonly string[]): Promise<number> {
    const order: Order = { user, ...(realms && { realms }) };
    const nodes = await this.bus.nodes();
    const counts = await Promise.all(nodes.map((node) => this.calls.call<number>(node, REMOVE_USER, order)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  private removeHere({ user, realms }: Order): number {
    const clients = [...this.here.withClaiming()].filter(({ identity, realm }) => {
      return identity.sub === user && (realms === undefined || realms.includes(realm));
    });
    for (const client of clients) client.end('removed');
    return clients.length;
  }
}
