import { Injectable } from '@nestjs/common';
import { DomainError } from '../common/domain-error.js';
import type { Signal } from '../common/signal.js';
import { RoomStore } from '../rooms/room-store.js';
import { SignalRouter } from './signal-router.js';
import { SignalSender } from './signal-sender.js';

/** Sends signals from the application to clients of all nodes and protocols. */
@Injectable()
export class SignalingService {
  /** @internal */
  constructor(
    private readonly router: SignalRouter,
    private readonly sender: SignalSender,
    private readonly rooms: RoomStore,
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
}
