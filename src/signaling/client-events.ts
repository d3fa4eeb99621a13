import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import type { ClientEntry } from '../clients/client-directory.js';
import { ClientRegistry } from '../clients/client-registry.js';
import type { EndReason } from '../common/end-reason.js';
import { userOf } from '../common/identity.js';
import { NodeIdentity } from '../common/node-identity.js';
import { sessionName } from '../common/session-name.js';
import { nodeLost } from '../events/loss-events.js';
import type { ClientEventData } from '../events/server-event.js';
import { ServerEvents } from '../events/server-events.js';

/** Emits the events of the clients of this node. */
@Injectable()
export class ClientEvents {
  constructor(
    private readonly events: ServerEvents,
    private readonly node: NodeIdentity,
    registry: ClientRegistry,
  ) {
    // At once: its successor is reported next, and its connection may take a while to end.
    registry.onDismissed((client) => this.disconnected(client, 'replaced'));
  }

  connected(client: Client): void {
    client.isAnnounced = true;
    this.events.emit(Object.assign({ type: 'client.connected', realm: client.realm } as const, this.dataOf(client)));
  }

  /** Has no effect for a client whose connection was not reported, or whose end is reported already. */
  disconnected(client: Client, reason: EndReason): void {
    if (!client.isAnnounced) return;
    client.isAnnounced = false;
    const { framesIn, framesOut, bytesIn, bytesOut } = client.traffic;
    const end = { reason, durationMs: Date.now() - client.since, framesIn, framesOut, bytesIn, bytesOut };
    const head = { type: 'client.disconnected', realm: client.realm } as const;
    this.events.emit(Object.assign(head, this.dataOf(client), end));
  }

  /** The node of a client is out of reach, and another client has taken over its id. */
  lost(client: ClientEntry): void {
    this.events.emit(nodeLost(client.node, client));
  }

  private dataOf(client: Client): ClientEventData {
    const { id, protocol, address, identity, session } = client;
    const who = { client: id, session: sessionName(this.node.name, session), protocol, address };
    return Object.assign(who, userOf(identity), client.source);
  }
}
