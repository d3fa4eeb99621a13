import { Injectable } from '@nestjs/common';
import { checkClientNames, checkName } from '../../clients/client-names.js';
import { DomainError } from '../../common/domain-error.js';
import { type Protocol, Protocols } from '../../common/protocols.js';
import { copyOf, type Room } from '../../common/room.js';
import { carriedBytes } from '../../common/signal.js';
import { ClientRooms } from '../../rooms/client-rooms.js';
import { PresenceService } from '../presence.service.js';
import { SignalSender } from '../signal-sender.js';
import type { SentSignal, VirtualClient, VirtualClientOptions } from './virtual-client.js';
import { VirtualConnection } from './virtual-connection.js';
import { VirtualContext } from './virtual-context.js';
import { VirtualPeer } from './virtual-peer.js';
import { virtualSignal } from './virtual-signal.js';

/** The protocol of virtual clients that name none. */
const VIRTUAL: Protocol = { name: 'virtual', accepts: () => true };

/** Clients that the application operates. */
@Injectable()
export class VirtualClients {
  constructor(
    private readonly presence: PresenceService,
    private readonly sender: SignalSender,
    private readonly rooms: ClientRooms,
    private readonly protocols: Protocols,
    private readonly context: VirtualContext,
  ) {
    protocols.register(VIRTUAL);
  }

  /**
   * Registers a client.
   * @throws DomainError ID_TAKEN, LIMIT_REACHED, UNAVAILABLE; INVALID_REQUEST for an id or realm that is empty, and for
   *   an unknown protocol
   */
  async add(options: VirtualClientOptions): Promise<VirtualClient> {
    const { realm, id } = options;
    const protocol = this.protocolOf(options);
    checkClientNames(realm, id, this.context.limits);
    if (this.context.drains.isDraining) throw new DomainError('UNAVAILABLE', {});
    const connection = new VirtualConnection(this.context, this.presence, options);
    await connection.open(new VirtualPeer(options, protocol, connection, this.protocols));
    return {
      realm,
      id,
      protocol: protocol.name,
      send: (signal) => handled(this.send(connection, protocol, { from: id, signal })),
      join: (room, { create = false } = {}) => handled(connection.inOrder((peer) => this.join(peer, room, create))),
      leave: (room) => handled(connection.inOrder((peer) => this.leave(peer, room))),
      close: () => connection.close(),
    };
  }

  private protocolOf({ protocol }: VirtualClientOptions): Protocol {
    const known = protocol === undefined ? VIRTUAL : this.protocols.get(protocol);
    if (known) return known;
    const names = this.protocols.names.join(', ');
    throw new DomainError('INVALID_REQUEST', { reason: `protocol must be one of the following values: ${names}` });
  }

  /** Reads the signal at once, so that the application may change its objects afterwards. */
  private async send(
    connection: VirtualConnection,
    protocol: Protocol,
    { from, signal: sent }: { readonly from: string; readonly signal: SentSignal },
  ): Promise<void> {
    const { to, room } = sent;
    const signal = virtualSignal(sent, from, this.context.limits);
    if (!protocol.accepts(signal)) {
      throw new DomainError('INVALID_REQUEST', { reason: `${protocol.name} has no ${signal.kind}` });
    }
    await connection.inOrder(
      (peer) => (room === undefined ? this.sender.send(peer, to, signal) : this.sender.sendToRoom(peer, room, signal)),
      carriedBytes(signal),
    );
  }

  private async leave(peer: VirtualPeer, room: string): Promise<void> {
    checkName('room', room);
    await this.rooms.leave(peer, room);
  }

  private async join(peer: VirtualPeer, room: string, create: boolean): Promise<Room> {
    checkName('room', room);
    if (!create) return copyOf(await this.rooms.join(peer, room));
    if (peer.rooms.has(room)) throw new DomainError('ALREADY_IN_ROOM', { room });
    const { maxRoomMembers: maxMembers } = this.context.limits;
    const [joined] = await this.rooms.enter(peer, [{ id: room, mayCreate: true, maxMembers }]);
    return copyOf(joined!);
  }
}

/** Keeps Node from ending the process if the application does not await a promise that rejects. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
