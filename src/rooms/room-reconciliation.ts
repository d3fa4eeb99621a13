import { Injectable } from '@nestjs/common';
import { ClientReconciliation } from '../clients/client-reconciliation.js';
import { ClientsHere } from '../clients/clients-here.js';
import { Backplane } from '../common/backplane.js';
import { NodeIdentity } from '../common/node-identity.js';
import { RoomStore } from './room-store.js';

/** Makes the shared state and this node agree about the node's clients and their memberships after an outage. */
@Injectable()
export class RoomReconciliation {
  constructor(
    private readonly store: RoomStore,
    private readonly clients: ClientsHere,
    private readonly node: NodeIdentity,
    reconciliation: ClientReconciliation,
    backplane: Backplane,
  ) {
    backplane.onReconnect(async () => {
      // Clients first: one that has lost its id is in no room.
      await reconciliation.run();
      await this.restoreMemberships();
    });
  }

  private restoreMemberships(): Promise<void> {
    return this.store.restore(this.node.name, (realm, room, id) => {
      return this.clients.get(realm, id)?.rooms.has(room) ?? false;
    });
  }
}
