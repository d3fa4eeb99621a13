import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import type { EndReason } from '../common/end-reason.js';
import { userOf } from '../common/identity.js';
import { NodeIdentity } from '../common/node-identity.js';
import { type ClientEvent, ServerEvents } from '../common/server-events.js';

/** Emits the events of the clients of this node. */
@Injectable()
export class ClientEvents {
  constructor(
    private readonly events: ServerEvents,
    private readonly node: NodeIdentity,
  ) {}

  connected(client: Client): void {
    this.events.emit('clientConnected', this.eventOf(client));
  }

  disconnected(client: Client, reason: EndReason): void {
    const durationMs = Date.now() - client.since;
    this.events.emit('clientDisconnected', { ...this.eventOf(client), reason, durationMs });
  }

  private eventOf({ realm, id, protocol, address, identity }: Client): ClientEvent {
    return { realm, id, protocol, ...userOf(identity), address, node: this.node.name };
  }
}
