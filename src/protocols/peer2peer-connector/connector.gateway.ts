import { UseFilters } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { EndReason } from '../../common/end-reason.js';
import { IdGenerator } from '../id-generator.js';
import { ConnectorOptions } from '../../config/sections/connector.options.js';
import { RoomsService } from '../../rooms/rooms.service.js';
import { PresenceService } from '../../signaling/presence.service.js';
import { SignalingService } from '../../signaling/signaling.service.js';
import type { Connection } from '../../transport/websocket/connection.js';
import type { Endpoint, ProtocolGateway } from '../../transport/websocket/endpoint.js';
import type { DecodedFrame } from '../../transport/endpoint/endpoint-core.js';
import type { Frame } from '../../transport/websocket/text-frame.js';
import { ConnectorClient } from './connector.client.js';
import { ConnectorCodec } from './connector.codec.js';
import { ConnectorExceptionFilter } from './connector.errors.js';
import {
  clientDetails,
  CONNECTOR,
  ConnectorEvent,
  ConnectRequest,
  CreateRoomRequest,
  MessageRequest,
  RelayRequest,
  roomCreated,
  roomLeft,
  RoomRequest,
} from './connector.messages.js';

/** The requests of Peer2Peer Connector, PROTOCOL.md. */
@WebSocketGateway({ protocol: CONNECTOR, path: CONNECTOR })
@UseFilters(ConnectorExceptionFilter)
export class ConnectorGateway implements ProtocolGateway<ConnectorClient> {
  constructor(
    private readonly rooms: RoomsService,
    private readonly presence: PresenceService,
    private readonly signaling: SignalingService,
    private readonly codec: ConnectorCodec,
    private readonly ids: IdGenerator,
    private readonly options: ConnectorOptions,
  ) {}

  afterInit(endpoint: Endpoint<ConnectorClient>): void {
    endpoint.serve(this.options.connectorPath, this);
  }

  handleConnection(connection: Connection<ConnectorClient>): Promise<ConnectorClient> {
    return this.presence.connectNew(
      () => new ConnectorClient(this.ids.connectorClient(), this.options.connectorRealm, connection, this.codec),
      ({ id }) => void connection.write(clientDetails(id)),
    );
  }

  handleDisconnect(client: ConnectorClient, reason: EndReason): Promise<void> {
    return this.presence.disconnect(client, reason);
  }

  decode(bytes: Buffer, isBinary: boolean): DecodedFrame {
    return this.codec.decode(bytes, isBinary);
  }

  @SubscribeMessage(ConnectorEvent.Connect)
  connect(
    @ConnectedSocket() client: ConnectorClient,
    @MessageBody() { to, payload }: ConnectRequest,
  ): void | Promise<void> {
    return this.signaling.send(client, to, this.codec.connectSignal(client.id, payload));
  }

  @SubscribeMessage(ConnectorEvent.Offer)
  offer(@ConnectedSocket() client: ConnectorClient, @MessageBody() request: RelayRequest): void | Promise<void> {
    return this.signaling.send(client, request.to, this.codec.signal('offer', client.id, request));
  }

  @SubscribeMessage(ConnectorEvent.Answer)
  answer(@ConnectedSocket() client: ConnectorClient, @MessageBody() request: RelayRequest): void | Promise<void> {
    return this.signaling.send(client, request.to, this.codec.signal('answer', client.id, request));
  }

  @SubscribeMessage(ConnectorEvent.Candidate)
  candidate(@ConnectedSocket() client: ConnectorClient, @MessageBody() request: RelayRequest): void | Promise<void> {
    return this.signaling.send(client, request.to, this.codec.signal('candidate', client.id, request));
  }

  @SubscribeMessage(ConnectorEvent.Message)
  message(@ConnectedSocket() client: ConnectorClient, @MessageBody() request: MessageRequest): void | Promise<void> {
    const signal = this.codec.signal('message', client.id, request);
    if (request.to != null) return this.signaling.send(client, request.to, signal);
    return this.signaling.sendToRoom(client, request.room!, signal);
  }

  @SubscribeMessage(ConnectorEvent.CreateRoom)
  async createRoom(
    @ConnectedSocket() client: ConnectorClient,
    @MessageBody() { data: { room, name } }: CreateRoomRequest,
  ): Promise<Frame> {
    return roomCreated(await this.rooms.create(client, { id: room, name }));
  }

  @SubscribeMessage(ConnectorEvent.JoinRoom)
  async joinRoom(@ConnectedSocket() client: ConnectorClient, @MessageBody() { data }: RoomRequest): Promise<void> {
    await this.rooms.join(client, data.room);
  }

  @SubscribeMessage(ConnectorEvent.LeaveRoom)
  async leaveRoom(@ConnectedSocket() client: ConnectorClient, @MessageBody() { data }: RoomRequest): Promise<Frame> {
    return roomLeft(await this.rooms.leave(client, data.room));
  }

  @SubscribeMessage(ConnectorEvent.EndRoom)
  async endRoom(@ConnectedSocket() client: ConnectorClient, @MessageBody() { data }: RoomRequest): Promise<void> {
    await this.rooms.end(client, data.room);
  }
}
