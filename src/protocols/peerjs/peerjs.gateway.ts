import { UseFilters } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage } from '@nestjs/websockets';
import type { SignalKind } from '../../common/signal.js';
import { SignalSender } from '../../signaling/signal-sender.js';
import { SignalboxGateway } from '../../transport/signalbox-gateway.js';
import { PeerJsAdmission } from './peerjs.admission.js';
import type { PeerJsClient } from './peerjs.client.js';
import { PeerJsCodec } from './peerjs.codec.js';
import { PeerJsExceptionFilter } from './peerjs.errors.js';
import { HeartbeatRequest, LeaveRequest, PEERJS, PeerJsType, RelayRequest } from './peerjs.messages.js';

/** Handles the messages of PeerJS (PROTOCOL.md, "Messages from a client"). */
@SignalboxGateway({ protocol: PEERJS, codec: PeerJsCodec, admission: PeerJsAdmission })
@UseFilters(PeerJsExceptionFilter)
export class PeerJsGateway {
  constructor(
    private readonly codec: PeerJsCodec,
    private readonly signaling: SignalSender,
  ) {}

  @SubscribeMessage(PeerJsType.Offer)
  offer(@ConnectedSocket() client: PeerJsClient, @MessageBody() request: RelayRequest): void | Promise<void> {
    return this.relayOrQueue(client, 'offer', request);
  }

  @SubscribeMessage(PeerJsType.Answer)
  answer(@ConnectedSocket() client: PeerJsClient, @MessageBody() request: RelayRequest): void | Promise<void> {
    return this.relayOrQueue(client, 'answer', request);
  }

  @SubscribeMessage(PeerJsType.Candidate)
  candidate(@ConnectedSocket() client: PeerJsClient, @MessageBody() request: RelayRequest): void | Promise<void> {
    return this.relayOrQueue(client, 'candidate', request);
  }

  @SubscribeMessage(PeerJsType.Expire)
  expire(@ConnectedSocket() client: PeerJsClient, @MessageBody() request: RelayRequest): void | Promise<void> {
    return this.signaling.sendOrExpire(client, request.dst, this.codec.signal('expire', client.id, request));
  }

  @SubscribeMessage(PeerJsType.Leave)
  leave(@ConnectedSocket() client: PeerJsClient, @MessageBody() request: LeaveRequest): void | Promise<void> {
    if (request.dst === undefined) client.end('left');
    else return this.signaling.sendOrExpire(client, request.dst, this.codec.signal('leave', client.id, request));
  }

  @SubscribeMessage(PeerJsType.Heartbeat)
  heartbeat(@ConnectedSocket() _client: PeerJsClient, @MessageBody() _request: HeartbeatRequest): void {
    // The connection has counted the frame as a sign of life.
  }

  private relayOrQueue(client: PeerJsClient, kind: SignalKind, request: RelayRequest): void | Promise<void> {
    return this.signaling.sendOrQueue(client, request.dst, this.codec.signal(kind, client.id, request));
  }
}
