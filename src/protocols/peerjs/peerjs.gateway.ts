import type { IncomingMessage } from 'node:http';
import { UseFilters } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { ClientsService } from '../../clients/clients.service.js';
import type { EndReason } from '../../common/end-reason.js';
import { DomainError } from '../../common/domain-error.js';
import type { SignalKind } from '../../common/signal.js';
import { LimitOptions } from '../../config/sections/limit.options.js';
import { PeerJsOptions } from '../../config/sections/peerjs.options.js';
import { PresenceService } from '../../signaling/presence.service.js';
import { SignalingService } from '../../signaling/signaling.service.js';
import type { Connection } from '../../transport/websocket/connection.js';
import type { Endpoint, ProtocolGateway } from '../../transport/websocket/endpoint.js';
import type { DecodedFrame } from '../../transport/endpoint/endpoint-core.js';
import { PeerJsClient } from './peerjs.client.js';
import { PeerJsCodec } from './peerjs.codec.js';
import { PeerJsExceptionFilter } from './peerjs.errors.js';
import { PeerJsKeys } from './peerjs.keys.js';
import { HeartbeatRequest, LeaveRequest, OPEN, PEERJS, PeerJsType, RelayRequest } from './peerjs.messages.js';
import { mountPath } from './peerjs.path.js';

/** The messages of PeerJS, PROTOCOL.md. */
@WebSocketGateway({ protocol: PEERJS, path: PEERJS })
@UseFilters(PeerJsExceptionFilter)
export class PeerJsGateway implements ProtocolGateway<PeerJsClient> {
  /** Clients that are connected here, or about to be. */
  private count = 0;

  constructor(
    private readonly codec: PeerJsCodec,
    private readonly keys: PeerJsKeys,
    private readonly clients: ClientsService,
    private readonly presence: PresenceService,
    private readonly signaling: SignalingService,
    private readonly options: PeerJsOptions,
    private readonly limits: LimitOptions,
  ) {}

  afterInit(endpoint: Endpoint<PeerJsClient>): void {
    endpoint.serve(`${mountPath(this.options.path)}/peerjs`, this);
  }

  async handleConnection(connection: Connection<PeerJsClient>, request: IncomingMessage): Promise<PeerJsClient> {
    const { id, token, key } = credentialsOf(request);
    const realm = this.keys.realmOf(key);
    const { maxIdLength } = this.limits;
    const { concurrentLimit } = this.options;
    if (id.length > maxIdLength) {
      throw new DomainError('LIMIT_REACHED', { what: 'characters of an id', limit: maxIdLength });
    }
    // Whoever takes its own id over does not count.
    if (this.count >= concurrentLimit && !(await this.clients.locate(realm, id))) {
      throw new DomainError('CLIENTS_LIMIT_REACHED', { limit: concurrentLimit });
    }
    this.count++;
    try {
      const client = new PeerJsClient(id, realm, token, connection, this.codec);
      await this.presence.connect(client, () => {
        connection.write(OPEN);
      });
      return client;
    } catch (error) {
      this.count--;
      throw error;
    }
  }

  handleDisconnect(client: PeerJsClient, reason: EndReason): Promise<void> {
    this.count--;
    return this.presence.disconnect(client, reason);
  }

  decode(bytes: Buffer, isBinary: boolean): DecodedFrame {
    return this.codec.decode(bytes, isBinary);
  }

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
    return this.signaling.send(client, request.dst, this.codec.signal('expire', client.id, request));
  }

  @SubscribeMessage(PeerJsType.Leave)
  leave(@ConnectedSocket() client: PeerJsClient, @MessageBody() request: LeaveRequest): void | Promise<void> {
    if (request.dst === undefined) client.end('left');
    else return this.signaling.send(client, request.dst, this.codec.signal('leave', client.id, request));
  }

  @SubscribeMessage(PeerJsType.Heartbeat)
  heartbeat(@ConnectedSocket() _client: PeerJsClient, @MessageBody() _request: HeartbeatRequest): void {
    // Any frame is a sign of life, so there is nothing left to do.
  }

  private relayOrQueue(client: PeerJsClient, kind: SignalKind, request: RelayRequest): void | Promise<void> {
    return this.signaling.sendOrQueue(client, request.dst, this.codec.signal(kind, client.id, request));
  }
}

/** @throws DomainError CREDENTIALS_MISSING */
function credentialsOf({ url = '' }: IncomingMessage): { id: string; token: string; key: string } {
  // The client library encodes nothing, so that a plus is a plus and not a space.
  const query = new URLSearchParams(url.slice(url.indexOf('?')).replaceAll('+', '%2B'));
  const [id, token, key] = ['id', 'token', 'key'].map((name) => query.get(name));
  if (!id || !token || !key) throw new DomainError('CREDENTIALS_MISSING', {});
  return { id, token, key };
}
