import { Injectable } from '@nestjs/common';
import { ClientsHere } from '../clients/clients-here.js';
import { Backplane } from '../common/backplane.js';
import { RoomsHere } from '../rooms/rooms-here.js';
import { ClientEvents } from './client-events.js';

/** Reports the clients of this node again when it returns: another node may have reported them as lost. */
@Injectable()
export class ReturnEvents {
  constructor(
    private readonly here: ClientsHere,
    private readonly events: ClientEvents,
    private readonly rooms: RoomsHere,
    backplane: Backplane,
  ) {
    backplane.onReturn(() => this.reportAll());
  }

  private reportAll(): void {
    for (const client of this.here.all()) if (client.isAnnounced) this.events.connected(client);
    this.rooms.reportAgain();
  }
}
