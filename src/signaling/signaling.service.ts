import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { ClientsService } from '../clients/clients.service.js';
import { DomainError } from '../common/domain-error.js';
import { MessageBus } from '../common/message-bus.js';
import { NodeIdentity } from '../common/node-identity.js';
import type { Signal } from '../common/signal.js';
import { RoomsService } from '../rooms/rooms.service.js';

/** Gets a signal from one client to another one, or to the members of a room. */
@Injectable()
export class SignalingService {
  constructor(
    private readonly clients: ClientsService,
    private readonly rooms: RoomsService,
    private readonly bus: MessageBus,
    private readonly node: NodeIdentity,
  ) {
    bus.onMessage('signal', ({ realm, to, signal }) => this.clients.findHere(realm, to)?.deliver(signal));
  }

  /**
   * Sends a signal to a client of the sender's realm. To a client of this node it is delivered before this returns.
   * @throws DomainError CLIENT_NOT_FOUND; UNKNOWN_EVENT if the target's protocol has no such signal
   */
  send(from: Client, to: string, signal: Signal): void | Promise<void> {
    const target = this.clients.findHere(from.realm, to);
    if (!target) return this.sendElsewhere(from.realm, to, signal);
    target.deliver(signal);
  }

  /**
   * Sends a signal to all members of a room but the sender.
   * @throws DomainError ROOM_NOT_FOUND, NOT_IN_ROOM
   */
  async sendToRoom(from: Client, roomId: string, signal: Signal): Promise<void> {
    const room = this.rooms.findJoined(from, roomId);
    if (!room) {
      const exists = await this.rooms.find(from.realm, roomId);
      throw new DomainError(exists ? 'NOT_IN_ROOM' : 'ROOM_NOT_FOUND', { room: roomId });
    }
    await Promise.all(
      room.members
        .filter((member) => member.id !== from.id)
        .map(({ id, node }) => this.deliverTo(from.realm, id, node, signal)),
    );
  }

  private async sendElsewhere(realm: string, to: string, signal: Signal): Promise<void> {
    const entry = await this.clients.locate(realm, to);
    if (!entry) throw new DomainError('CLIENT_NOT_FOUND', { id: to });
    await this.deliverTo(realm, to, entry.node, signal);
  }

  private async deliverTo(realm: string, to: string, node: string, signal: Signal): Promise<void> {
    if (node === this.node.name) this.clients.findHere(realm, to)?.deliver(signal);
    else await this.bus.send(node, { version: 1, type: 'signal', realm, to, signal });
  }
}
