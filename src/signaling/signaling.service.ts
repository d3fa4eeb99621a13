import { Injectable } from '@nestjs/common';
import { DomainError } from '../common/domain-error.js';
import type { Signal } from '../common/signal.js';
import { RoomStore } from '../rooms/room-store.js';
import { SignalRouter } from './signal-router.js';
import { SignalSender } from './signal-sender.js';
import type { VirtualClient, VirtualClientOptions } from './virtual/virtual-client.js';
import { VirtualClients } from './virtual/virtual-clients.js';

/** Sends signals from the application to clients of all nodes and protocols, and adds clients that it operates. */
@Injectable()
export class SignalingService {
  /** @internal */
  constructor(
    private readonly router: SignalRouter,
    private readonly sender: SignalSender,
    private readonly rooms: RoomStore,
    private readonly virtual: VirtualClients,
  ) {}

  /**
   * Sends a client a signal from the server itself.
   * @throws DomainError CLIENT_NOT_FOUND, UNSUPPORTED_BY_TARGET
   */
  async sendFromServer(realm: string, to: string, signal: Omit<Signal, 'from'>): Promise<void> {
    const wasDelivered = await this.router.deliver(realm, to, { ...signal, from: '' });
    if (!wasDelivered) throw new DomainError('CLIENT_NOT_FOUND', { id: to });
  }

  /**
   * Sends all members of a room a signal from the server itself.
   * @throws DomainError ROOM_NOT_FOUND
   */
  async sendFromServerToRoom(realm: string, roomId: string, signal: Omit<Signal, 'from'>): Promise<void> {
    const room = await this.rooms.find(realm, roomId);
    if (!room) throw new DomainError('ROOM_NOT_FOUND', { room: roomId });
    await this.sender.deliverToRoom(realm, room, { ...signal, from: '', room: roomId });
  }

  /**
   * Adds a client that the application operates: a bot, or a gateway to another network. It is a client like any other:
   * it has its id alone in the cluster, is listed, joins rooms, and exchanges signals with clients of every protocol on
   * every node. It ends with its `close`, with the shutdown or drain of its node, and when an administrator removes it.
   * @throws DomainError ID_TAKEN, LIMIT_REACHED; UNAVAILABLE also while this node is draining, and with Redis before
   *   `onApplicationBootstrap`; INVALID_REQUEST for an id or realm that is empty, and for an unknown protocol
   */
  addVirtualClient(options: VirtualClientOptions): Promise<VirtualClient> {
    return this.virtual.add(options);
  }
}
