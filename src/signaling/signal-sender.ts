import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { ClientsHere } from '../clients/clients-here.js';
import { sharingGroup } from '../common/address-share.js';
import { allDone } from '../common/all-done.js';
import { costOf } from '../common/cost.js';
import { asDomainError, DomainError, isBusy, isNotAuthorized, isUnavailable } from '../common/domain-error.js';
import { MessageBus } from '../common/message-bus.js';
import type { Room } from '../common/room.js';
import { carriedBytes, type RoomSignal, type Signal } from '../common/signal.js';
import { Permissions } from '../identity/permissions.js';
import { RoomsHere } from '../rooms/rooms-here.js';
import { Mailbox } from './mailbox.js';
import { type Delivery, SignalRouter } from './signal-router.js';

/** Sends the signals of clients to a client, present or absent, and to the members of a room. */
@Injectable()
export class SignalSender {
  /** Called for each signal that is passed on; undefined while nobody wants to hear of them. */
  onRelayed?: (from: Client, signal: Signal, to: string | undefined) => void;

  /** @internal */
  constructor(
    private readonly here: ClientsHere,
    private readonly roomsHere: RoomsHere,
    private readonly router: SignalRouter,
    private readonly mailbox: Mailbox,
    private readonly bus: MessageBus,
    private readonly permissions: Permissions,
  ) {
    bus.onMessage('roomSignal', ({ realm, signal }) => this.receiveForRoom(realm, signal));
  }

  /**
   * Sends a signal to a client of the sender's realm. A client of this node gets it before this returns.
   * @throws DomainError NOT_AUTHORIZED, CLIENT_NOT_FOUND; UNSUPPORTED_BY_TARGET if the target's protocol has no such
   *   signal; TARGET_BUSY if the sender has filled its share of the target's pending bytes
   */
  send(from: Client, to: string, signal: Signal): void | Promise<void> {
    if (from.isRestricted && !this.permissions.maySignal(from, to, signal.kind, this.roomsHere)) {
      throw new DomainError('NOT_AUTHORIZED', {});
    }
    const target = this.here.get(from.realm, to);
    if (target) target.deliver(signal);
    else if (!this.sendToCachedLocation(from, to, signal, this.router.immediate)) {
      return this.reported(this.deliverOrFail(from.realm, to, signal), from, signal, to);
    }
    this.onRelayed?.(from, signal, to);
  }

  /**
   * As `send`, but queues a signal to an absent client. If the client does not connect in time, or there is no room for
   * the signal, the sender gets a signal of the kind `expire`. A signal that the sender may not send is dropped, and
   * expires at the next sweep.
   */
  sendOrQueue(from: Client, to: string, signal: Signal): void | Promise<void> {
    if (from.isRestricted && !this.permissions.maySignal(from, to, signal.kind, this.roomsHere)) {
      this.mailbox.recordRefusal(from, to);
      return;
    }
    const target = this.here.get(from.realm, to);
    if (target) this.deliverOrExpire(from, target, signal);
    else if (!this.sendToCachedLocation(from, to, signal, this.router.queueable)) {
      return this.reported(this.deliverOrQueue(from, to, signal), from, signal, to);
    }
    this.onRelayed?.(from, signal, to);
  }

  /** As `send`, but a signal that the sender may not send is dropped, and expires at the next sweep. */
  sendOrExpire(from: Client, to: string, signal: Signal): void | Promise<void> {
    try {
      return this.send(from, to, signal);
    } catch (error) {
      if (!isNotAuthorized(error)) throw error;
      this.mailbox.recordRefusal(from, to);
    }
  }

  /**
   * Sends a signal to all members of a room but the sender.
   * @throws DomainError NOT_AUTHORIZED; NOT_IN_ROOM; ROOM_NOT_FOUND, also for a room that the sender's identity does not
   *   allow; TARGET_BUSY if members of this node missed the signal, because the sender has filled its share of their
   *   pending bytes
   */
  async sendToRoom(from: Client, roomId: string, signal: Signal): Promise<void> {
    const room = this.roomsHere.find(from, roomId);
    if (!room && !this.permissions.mayKnow(from, roomId)) throw new DomainError('ROOM_NOT_FOUND', { room: roomId });
    if (!room) throw await this.roomsHere.missing(from, roomId);
    if (from.isRestricted && !this.permissions.maySignalRoom(from, room, signal.kind)) {
      throw new DomainError('NOT_AUTHORIZED', {});
    }
    const receivers = room.members.length - 1;
    from.charge(costOf({ bytes: carriedBytes(signal) * receivers, receivers }));
    const toRoom = { ...signal, room: roomId };
    await this.deliverToRoom(from.realm, room, toRoom);
    this.onRelayed?.(from, toRoom, undefined);
  }

  /** Reports a signal when it is passed on. */
  private reported(passing: Promise<void>, from: Client, signal: Signal, to: string): Promise<void> {
    return this.onRelayed ? passing.then(() => this.onRelayed?.(from, signal, to)) : passing;
  }

  /**
   * Sends a signal to the cached location of its target without waiting for delivery; a later failure is reported to
   * the sender. Signals to one node stay in order.
   * @returns false if no location is cached, or the target's node is behind: the sender has to wait
   * @throws DomainError UNSUPPORTED_BY_TARGET
   */
  private sendToCachedLocation(from: Client, to: string, signal: Signal, delivery: Delivery): boolean {
    const location = this.router.cachedLocation(from.realm, to);
    if (!location || this.bus.isBehind(location.node)) return false;
    this.router
      .sendTo(location, signal, delivery)
      .then(async (wasSent) => {
        if (wasSent) return;
        // The node has gone; its client may have connected to another one.
        this.router.forgetLocation(from.realm, to);
        await (delivery.mayWait ? this.deliverOrQueue(from, to, signal) : this.deliverOrFail(from.realm, to, signal));
      })
      .catch((error: unknown) => {
        if (delivery.mayWait && isUnavailable(error)) this.mailbox.recordFailure(from.realm, from.id, to);
        else from.fail(asDomainError(error));
      });
    return true;
  }

  private async deliverOrFail(realm: string, to: string, signal: Signal): Promise<void> {
    if (!(await this.router.deliver(realm, to, signal))) throw new DomainError('CLIENT_NOT_FOUND', { id: to });
  }

  private async deliverOrQueue(from: Client, to: string, signal: Signal): Promise<void> {
    const { realm } = from;
    try {
      if (await this.router.deliver(realm, to, signal, this.router.queueable)) return;
      const address = sharingGroup(from.address);
      if (!(await this.mailbox.put({ realm, to, signal, address }))) this.mailbox.notifyExpiredHere(from, to);
    } catch (error) {
      if (isBusy(error)) this.mailbox.notifyExpiredHere(from, to);
      else if (isUnavailable(error)) this.mailbox.recordFailure(realm, from.id, to);
      else throw error;
    }
  }

  /** Delivers a signal and tracks its sender, which is notified if the target turns out to be dead. */
  private deliverOrExpire(from: Client, target: Client, signal: Signal): void {
    try {
      target.deliver(signal);
      target.trackCaller(signal);
    } catch (error) {
      if (!isBusy(error)) throw error;
      this.mailbox.notifyExpiredHere(from, target.id);
    }
  }

  /**
   * Delivers a signal to the members of a room, without checking its sender.
   * @throws DomainError TARGET_BUSY as `sendToRoom`
   */
  async deliverToRoom(realm: string, room: Room, signal: RoomSignal): Promise<void> {
    const isComplete = this.deliverToRoomHere(realm, signal);
    await allDone(
      this.roomsHere
        .otherNodesOf(room)
        .map((node) => this.bus.send(node, { version: 1, type: 'roomSignal', realm, signal })),
    );
    if (!isComplete) throw new DomainError('TARGET_BUSY', { id: signal.room });
  }

  /** Returns false if members missed the signal, because its sender has filled its share of their pending bytes. */
  private deliverToRoomHere(realm: string, signal: RoomSignal): boolean {
    let isComplete = true;
    for (const client of this.roomsHere.membersOf(realm, signal.room)) {
      if (client.id === signal.from || !client.accepts(signal)) continue;
      try {
        client.deliver(signal);
      } catch (error) {
        if (!isBusy(error)) throw error;
        isComplete = false;
      }
    }
    return isComplete;
  }

  private receiveForRoom(realm: string, signal: RoomSignal): void {
    if (this.deliverToRoomHere(realm, signal)) return;
    const { from, room } = signal;
    this.router.reportUndelivered(realm, from, room, new DomainError('TARGET_BUSY', { id: room })).catch(() => {
      // The sender is out of reach.
    });
  }
}
