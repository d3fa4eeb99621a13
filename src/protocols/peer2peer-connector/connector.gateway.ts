import { UseFilters } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage } from '@nestjs/websockets';
import { IceProvider, iceRequestOf } from '../../ice/ice-provider.js';
import { ClientRooms } from '../../rooms/client-rooms.js';
import { SignalSender } from '../../signaling/signal-sender.js';
import { SignalboxGateway } from '../../transport/signalbox-gateway.js';
import type { Frame } from '../../transport/websocket/text-frame.js';
import { ConnectorAdmission } from './connector.admission.js';
import type { ConnectorClient } from './connector.client.js';
import { ConnectorCodec } from './connector.codec.js';
import { ConnectorExceptionFilter } from './connector.errors.js';
import {
  AuthenticateRequest,
  CONNECTOR,
  ConnectorEvent,
  ConnectRequest,
  CreateRoomRequest,
  iceConfig,
  IceConfigRequest,
  MessageRequest,
  RelayRequest,
  roomCreated,
  roomLeft,
  RoomRequest,
} from './connector.messages.js';
import { ConnectorRenewals } from './connector.renewals.js';

/** Handles the requests of Peer2Peer Connector (PROTOCOL.md, "Requests"). */
@SignalboxGateway({ protocol: CONNECTOR, codec: ConnectorCodec, admission: ConnectorAdmission })
@UseFilters(ConnectorExceptionFilter)
export class ConnectorGateway {
  constructor(
    private readonly codec: ConnectorCodec,
    private readonly signaling: SignalSender,
    private readonly rooms: ClientRooms,
    private readonly renewals: ConnectorRenewals,
    private readonly ice: IceProvider,
  ) {}

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

  @SubscribeMessage(ConnectorEvent.Authenticate)
  authenticate(
    @ConnectedSocket() client: ConnectorClient,
    @MessageBody() { data }: AuthenticateRequest,
  ): Promise<Frame | undefined> {
    return this.renewals.renew(client, data?.token);
  }

  @SubscribeMessage(ConnectorEvent.IceConfig)
  async iceConfig(
    @ConnectedSocket() client: ConnectorClient,
    @MessageBody() _request: IceConfigRequest,
  ): Promise<Frame> {
    return iceConfig(await this.ice.iceServers(iceRequestOf(client)));
  }
}
