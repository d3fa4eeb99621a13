import { Injectable } from '@nestjs/common';
import { isUnavailable } from '../common/domain-error.js';
import { NodeCalls } from '../common/node-calls.js';
import { ClusterOptions } from '../config/sections/cluster.options.js';
import type { ClientEntry, Session } from './client-directory.js';
import { ClientRegistry } from './client-registry.js';
import { ClientsHere } from './clients-here.js';

const HAND_OVER = 'hand client over';

/** How much longer than until it counts as dead another node may take to answer. */
const GRACE_MS = 1000;

/** Transfers the rooms of a client to the client of another node that has taken its id over. */
@Injectable()
export class Handovers {
  constructor(
    private readonly here: ClientsHere,
    private readonly registry: ClientRegistry,
    private readonly calls: NodeCalls,
    private readonly options: ClusterOptions,
  ) {
    calls.handle(HAND_OVER, (session: Session) => this.handOver(session));
  }

  /**
   * Asks another node to disconnect a replaced client.
   * @returns ids of the client's rooms; undefined if it is already gone; `unreachable` if its node does not answer
   */
  async takeOver({ node, realm, id, session }: ClientEntry): Promise<readonly string[] | 'unreachable' | undefined> {
    const timeoutMs = this.options.nodeTimeoutMs + GRACE_MS;
    try {
      const rooms = await this.calls.call<readonly string[] | null>(node, HAND_OVER, { realm, id, session }, timeoutMs);
      return rooms ?? undefined;
    } catch (error) {
      // The node is dead by now, and its members are removed from their rooms.
      if (isUnavailable(error)) return 'unreachable';
      throw error;
    }
  }

  private handOver(session: Session): readonly string[] | null {
    this.here.loseClaim(session.session);
    const client = this.here.ofSession(session);
    if (!client) return null;
    const rooms = [...client.rooms];
    this.registry.dismiss(client);
    return rooms;
  }
}
