import { Injectable } from '@nestjs/common';
import { checkLimit } from '../../common/check-limit.js';
import { DomainError } from '../../common/domain-error.js';
import { groupRoom } from '../../common/group.js';
import { carriedBytes, type Signal, type SignalKind } from '../../common/signal.js';
import { LimitOptions } from '../../config/sections/limit.options.js';
import { ClientRooms } from '../../rooms/client-rooms.js';
import { SignalSender } from '../../signaling/signal-sender.js';
import type { EasyRtcClient } from './easyrtc.client.js';
import { invalidRequest } from './easyrtc.errors.js';
import { EasyRtcHooks, type EasyRtcServerMessage } from './easyrtc.hooks.js';
import type { BareRequest, MessageRequest, RelayRequest } from './easyrtc.messages.js';
import { nativeMembers } from './easyrtc.native.js';
import { PATTERNS } from './easyrtc.validators.js';

/** Sends messages of clients to their targets: clients, rooms, groups or the application. */
@Injectable()
export class EasyRtcRelay {
  constructor(
    private readonly signaling: SignalSender,
    private readonly rooms: ClientRooms,
    private readonly hooks: EasyRtcHooks,
    private readonly limits: LimitOptions,
  ) {}

  /**
   * Sends a command to its target.
   * @throws DomainError CLIENT_NOT_FOUND, UNSUPPORTED_BY_TARGET
   */
  command(
    client: EasyRtcClient,
    kind: SignalKind,
    { targetEasyrtcid, content }: RelayRequest | BareRequest,
  ): void | Promise<void> {
    return this.signaling.send(client, targetEasyrtcid, this.bounded({ kind, from: client.id, ...content }));
  }

  /**
   * Sends an `easyrtcMsg` to its target. A message without a target is for the application.
   * @returns the answer of the application, if it gives one
   * @throws DomainError CLIENT_NOT_FOUND, ROOM_NOT_FOUND, NOT_IN_ROOM, UNSUPPORTED_BY_TARGET
   */
  async message(client: EasyRtcClient, request: MessageRequest): Promise<EasyRtcServerMessage | void> {
    const { msgType, msgData, content, targetEasyrtcid: to, targetRoom, targetGroup } = request;
    const room = targetGroup === undefined ? targetRoom : groupRoom(targetGroup);
    if (to === undefined && room === undefined)
      return client.ask(() => this.hooks.serverMessage(client.peer, { msgType, msgData }));

    const native = nativeMembers(msgType, {
      targetEasyrtcid: to,
      targetGroup,
      targetRoom: targetGroup ? undefined : targetRoom,
    });
    const signal = this.bounded({ kind: 'message', from: client.id, ...content, native });
    if (to === undefined) return this.signaling.sendToRoom(client, room!, signal);
    if (to === client.id) throw invalidRequest('MSG_REJECT_TARGET_EASYRTCID', 'the target is the sender');
    if (room !== undefined) this.checkShared(client, to, room);
    return this.signaling.send(client, to, room === undefined ? signal : { ...signal, room });
  }

  /** Bounds the size: a binary part that a small message references many times is sent as many times. */
  private bounded(signal: Signal): Signal {
    if (signal.attachments) checkLimit('bytes of a message', this.limits.maxFrameBytes, carriedBytes(signal));
    return signal;
  }

  private checkShared(client: EasyRtcClient, to: string, room: string): void {
    const members = this.rooms.findJoined(client, room)?.members ?? [];
    if (members.some(({ id }) => id === to)) return;
    throw PATTERNS.name.test(to)
      ? new DomainError('NOT_IN_ROOM', { room })
      : new DomainError('CLIENT_NOT_FOUND', { id: to });
  }
}
