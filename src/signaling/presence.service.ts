import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import type { ClientEntry } from '../clients/client-directory.js';
import { ClientRegistry } from '../clients/client-registry.js';
import { Handovers } from '../clients/handovers.js';
import { isDomainError } from '../common/domain-error.js';
import type { EndReason } from '../common/end-reason.js';
import { Supervision } from '../identity/supervision.js';
import { ClientRooms } from '../rooms/client-rooms.js';
import { ClientEvents } from './client-events.js';
import { Mailbox } from './mailbox.js';

/** Maximum number of ids that are generated for a client before it is refused. */
const MAX_TRIES = 10;

/** Makes clients reachable when they connect, and removes all traces of them when they disconnect. */
@Injectable()
export class PresenceService {
  /** @internal */
  constructor(
    private readonly registry: ClientRegistry,
    private readonly handovers: Handovers,
    private readonly rooms: ClientRooms,
    private readonly mailbox: Mailbox,
    private readonly events: ClientEvents,
    private readonly supervision: Supervision,
  ) {}

  /**
   * Registers a client, greets it, and delivers the signals that are queued for it, in this order. Signals that arrive
   * meanwhile are held and follow. If any step fails, nothing is left of the client.
   * @param greet writes the client's first frames
   * @throws DomainError ID_TAKEN, CLIENTS_LIMIT_REACHED, UNAVAILABLE
   */
  async connect(client: Client, greet: () => void | Promise<void>): Promise<void> {
    client.hold();
    const beginning = this.supervision.begin(client);
    if (beginning) await beginning;
    try {
      const replaced = await this.registry.register(client);
      if (replaced) await this.takeOver(client, replaced);
      this.events.connected(client);
      if (client.rooms.size > 0) await this.rooms.settleInherited(client);
      const greeting = greet();
      if (greeting) await greeting;
      const queued = await this.mailbox.take(client);
      for (const signal of queued) client.trackCaller(signal);
      client.deliverHeld(queued);
    } catch (error) {
      await this.withdraw(client, 'refused');
      throw error;
    }
  }

  /** Moves the rooms of a replaced client of another node to its successor here. */
  private async takeOver(client: Client, replaced: ClientEntry): Promise<void> {
    const rooms = await this.handovers.takeOver(replaced);
    if (rooms === 'unreachable') this.events.lost(replaced);
    else if (rooms) await this.rooms.moveHere(client, rooms);
  }

  /**
   * As `connect`, for a client whose id is generated.
   * @param make makes the client, with another id for each attempt (1, 2, …)
   * @throws DomainError ID_TAKEN if all generated ids are taken
   */
  async connectNew<C extends Client>(
    make: (attempt: number) => C | Promise<C>,
    greet: (client: C) => void | Promise<void>,
  ): Promise<C> {
    for (let attempt = 1; ; attempt++) {
      const made = make(attempt);
      const client = made instanceof Promise ? await made : made;
      try {
        await this.connect(client, () => greet(client));
        return client;
      } catch (error) {
        if (!isDomainError(error) || error.code !== 'ID_TAKEN' || attempt === MAX_TRIES) throw error;
      }
    }
  }

  /** Removes a client: signals no longer find it, its rooms hear that it has left, its id becomes free. */
  async disconnect(client: Client, reason: EndReason): Promise<void> {
    try {
      await this.withdraw(client, reason);
    } finally {
      if (reason === 'no sign of life') await this.notifyCallers(client);
    }
  }

  private async withdraw(client: Client, reason: EndReason): Promise<void> {
    this.supervision.end(client);
    const isOwner = this.registry.hide(client);
    try {
      await this.rooms.leaveAll(client);
    } finally {
      // Before another client may take the id.
      this.events.disconnected(client, reason);
      if (isOwner) await this.registry.release(client);
    }
  }

  /** Lets the offers expire that a dead client may not have read. */
  private async notifyCallers({ realm, id, pendingCallers }: Client): Promise<void> {
    await Promise.allSettled(pendingCallers.map((from) => this.mailbox.notifyExpired(realm, from, id)));
  }
}
