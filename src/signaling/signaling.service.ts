import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { ClientsService } from '../clients/clients.service.js';
import { DomainError, isDomainError } from '../common/domain-error.js';
import type { EndReason } from '../common/end-reason.js';
import { isGroupRoom } from '../common/group.js';
import { MessageBus } from '../common/message-bus.js';
import { NodeIdentity } from '../common/node-identity.js';
import type { Room } from '../common/room.js';
import { ServerEvents, type ClientEvent } from '../common/server-events.js';
import { settled } from '../common/settled.js';
import type { RoomSignal, Signal } from '../common/signal.js';
import { RoomsService } from '../rooms/rooms.service.js';
import { OfflineQueue } from './offline-queue.js';

/** How many ids are made in search of one that nobody uses. */
const MAX_TRIES = 10;

/** Gets a signal from one client to another one, to one that is still to come, or to the members of a room. */
@Injectable()
export class SignalingService {
  private expired = 0;

  constructor(
    private readonly clients: ClientsService,
    private readonly rooms: RoomsService,
    private readonly queue: OfflineQueue,
    private readonly bus: MessageBus,
    private readonly node: NodeIdentity,
    private readonly events: ServerEvents,
  ) {
    bus.onMessage('signal', ({ realm, to, signal }) => this.clients.findHere(realm, to)?.deliver(signal));
    bus.onMessage('roomSignal', ({ realm, signal }) => this.deliverToRoomHere(realm, signal));
  }

  /** Pairs of clients of whose signals some have waited too long, since the start of this node. */
  get expiredPairs(): number {
    return this.expired;
  }

  /** Number of signals that wait for absent clients. */
  countWaiting(): Promise<number> {
    return this.queue.count();
  }

  /**
   * Sends a signal to a client of the sender's realm. To a client of this node it is delivered before this returns.
   * @throws DomainError CLIENT_NOT_FOUND; UNSUPPORTED_BY_TARGET if the target's protocol has no such signal
   */
  send(from: Client, to: string, signal: Signal): void | Promise<void> {
    const target = this.clients.findHere(from.realm, to);
    if (!target) return this.sendElsewhere(from.realm, to, signal);
    target.deliver(signal);
  }

  /**
   * As `send`, but a signal to an absent client waits for it. What nobody came for in time, or is too much, comes back to
   * the sender as a signal of the kind `expire`.
   */
  sendOrQueue(from: Client, to: string, signal: Signal): void | Promise<void> {
    const target = this.clients.findHere(from.realm, to);
    if (!target) return this.sendElsewhereOrQueue(from, to, signal);
    target.deliver(signal);
  }

  /**
   * Makes a client reachable: registers it, lets it be greeted, and hands over what has waited for it, in this order;
   * signals that come meanwhile follow.
   * @param greet writes what the client has to hear first; if it takes time, others wait
   * @returns whether it took somebody's place
   * @throws DomainError ID_TAKEN; whatever it throws, nothing is left of the client
   */
  async connect(client: Client, greet: () => void | Promise<void>): Promise<boolean> {
    client.hold();
    try {
      const replaced = await this.clients.register(client);
      const greeting = greet();
      if (greeting) await greeting;
      client.release(await this.queue.take(client.realm, client.id));
      this.events.emit('clientConnected', this.eventOf(client));
      return replaced;
    } catch (error) {
      await this.withdraw(client);
      throw error;
    }
  }

  /**
   * As `connect`, for a client whose id the server makes.
   * @param make makes the client, each time with another id
   * @throws DomainError ID_TAKEN if every id that was made is in use
   */
  async connectNew<C extends Client>(make: () => C, greet: (client: C) => void | Promise<void>): Promise<C> {
    for (let tries = 1; ; tries++) {
      const client = make();
      try {
        await this.connect(client, () => greet(client));
        return client;
      } catch (error) {
        if (!isDomainError(error) || error.code !== 'ID_TAKEN' || tries === MAX_TRIES) throw error;
      }
    }
  }

  /** Ends what `connect` began: the client is not found any more, its rooms are told, its id is free. */
  async disconnect(client: Client, reason: EndReason): Promise<void> {
    const durationMs = Date.now() - client.since;
    this.events.emit('clientDisconnected', { ...this.eventOf(client), reason, durationMs });
    await this.withdraw(client);
  }

  private eventOf({ realm, id, protocol, address }: Client): ClientEvent {
    return { realm, id, protocol, address, node: this.node.name };
  }

  private async withdraw(client: Client): Promise<void> {
    const isOwner = this.clients.hide(client);
    try {
      await this.rooms.leaveAll(client);
    } finally {
      if (isOwner) await this.clients.release(client);
    }
  }

  /** Forgets the signals that have waited too long, and tells their senders. */
  async expire(): Promise<void> {
    const pairs = await this.queue.expire();
    this.expired += pairs.length;
    const told = pairs.map(({ realm, from, to }) => this.forward(realm, from, { kind: 'expire', from: to }));
    await settled(told);
  }

  /**
   * Sends a signal to all members of a room but the sender.
   * @throws DomainError ROOM_NOT_FOUND, NOT_IN_ROOM
   */
  async sendToRoom(from: Client, roomId: string, signal: Signal): Promise<void> {
    const room = this.rooms.findJoined(from, roomId);
    if (!room) {
      const exists = !isGroupRoom(roomId) && (await this.rooms.find(from.realm, roomId));
      throw new DomainError(exists ? 'NOT_IN_ROOM' : 'ROOM_NOT_FOUND', { room: roomId });
    }
    await this.deliverToRoom(from.realm, room, { ...signal, room: roomId });
  }

  /**
   * Sends a client a signal of the server's own.
   * @throws DomainError CLIENT_NOT_FOUND, UNSUPPORTED_BY_TARGET
   */
  async sendFromServer(realm: string, to: string, signal: Omit<Signal, 'from'>): Promise<void> {
    await this.sendElsewhere(realm, to, { ...signal, from: '' });
  }

  /**
   * Sends all members of a room a signal of the server's own.
   * @throws DomainError ROOM_NOT_FOUND
   */
  async sendFromServerToRoom(realm: string, roomId: string, signal: Omit<Signal, 'from'>): Promise<void> {
    const room = await this.rooms.find(realm, roomId);
    if (!room) throw new DomainError('ROOM_NOT_FOUND', { room: roomId });
    await this.deliverToRoom(realm, room, { ...signal, from: '', room: roomId });
  }

  private async deliverToRoom(realm: string, room: Room, signal: RoomSignal): Promise<void> {
    this.deliverToRoomHere(realm, signal);
    await settled(
      this.rooms
        .otherNodesOf(room)
        .map((node) => this.bus.send(node, { version: 1, type: 'roomSignal', realm, signal })),
    );
  }

  private deliverToRoomHere(realm: string, signal: RoomSignal): void {
    for (const client of this.rooms.membersHere(realm, signal.room)) {
      if (client.id !== signal.from && client.accepts(signal)) client.deliver(signal);
    }
  }

  private async sendElsewhere(realm: string, to: string, signal: Signal): Promise<void> {
    if (!(await this.forward(realm, to, signal))) throw new DomainError('CLIENT_NOT_FOUND', { id: to });
  }

  private async sendElsewhereOrQueue(from: Client, to: string, signal: Signal): Promise<void> {
    const { realm } = from;
    if (await this.forward(realm, to, signal)) return;
    if (!(await this.queue.put({ realm, to, signal }))) from.deliver({ kind: 'expire', from: to });
    // It may have come, and taken what had waited, just before this was put.
    else if (await this.clients.locate(realm, to)) await this.forwardWaiting(realm, to);
  }

  private async forwardWaiting(realm: string, to: string): Promise<void> {
    for (const signal of await this.queue.take(realm, to)) await this.forward(realm, to, signal);
  }

  /** Delivers to a client wherever it is; false if it is nowhere. */
  private async forward(realm: string, to: string, signal: Signal): Promise<boolean> {
    const entry = await this.clients.locate(realm, to);
    return entry !== undefined && (await this.deliverAt(entry.node, realm, to, signal));
  }

  /** False if the node is this one, and the client is not here any more, or not yet. */
  private async deliverAt(node: string, realm: string, to: string, signal: Signal): Promise<boolean> {
    if (node !== this.node.name) {
      await this.bus.send(node, { version: 1, type: 'signal', realm, to, signal });
      return true;
    }
    const target = this.clients.findHere(realm, to);
    target?.deliver(signal);
    return target !== undefined;
  }
}
