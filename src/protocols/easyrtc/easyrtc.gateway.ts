import { UseFilters } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { DomainError } from '../../common/domain-error.js';
import type { EndReason, Goodbye } from '../../common/end-reason.js';
import type { SignalKind } from '../../common/signal.js';
import { EasyRtcOptions } from '../../config/sections/easyrtc.options.js';
import type { DecodedFrame } from '../../transport/endpoint/endpoint-core.js';
import type { SocketIoConnection } from '../../transport/socket-io/socket-io.connection.js';
import { SocketIoEndpoint, type SocketIoGateway } from '../../transport/socket-io/socket-io.endpoint.js';
import type { SocketIoMessage } from '../../transport/socket-io/socket-io.messages.js';
import type { EasyRtcClient } from './easyrtc.client.js';
import { EasyRtcCodec } from './easyrtc.codec.js';
import { EasyRtcExceptionFilter, emitError, type EasyRtcErrorCode } from './easyrtc.errors.js';
import { EasyRtcHooks } from './easyrtc.hooks.js';
import { EasyRtcLogin } from './easyrtc.login.js';
import {
  ACK,
  BareRequest,
  EASYRTC,
  EasyRtcEvent,
  EasyRtcMessage,
  iceConfig,
  isEasyRtcMessage,
  IceConfigRequest,
  LoginRequest,
  MessageRequest,
  PresenceRequest,
  RelayRequest,
  RoomApiFieldRequest,
  roomDataAnswer,
  RoomJoinRequest,
  RoomLeaveRequest,
  RoomListRequest,
  StillAliveRequest,
  UserCfgRequest,
} from './easyrtc.messages.js';
import { EasyRtcRelay } from './easyrtc.relay.js';
import { joined, left, updated } from './easyrtc.room-data.js';
import { EasyRtcRoomList } from './easyrtc.room-list.js';
import { EasyRtcRooms } from './easyrtc.rooms.js';
import { EasyRtcSession } from './easyrtc.session.js';

/** What a client hears before the server ends its connection; nothing for other reasons. */
const GOODBYES: Partial<Record<Goodbye, EasyRtcErrorCode>> = {
  'login timeout': 'LOGIN_TIMEOUT',
  'server shutdown': 'SERVER_SHUTDOWN',
};

/** A session in which somebody is logged in. */
type LoggedIn = EasyRtcSession & { readonly client: EasyRtcClient };

/** The messages of EasyRTC, PROTOCOL.md. */
@WebSocketGateway({ protocol: EASYRTC, path: EASYRTC, over: SocketIoEndpoint })
@UseFilters(EasyRtcExceptionFilter)
export class EasyRtcGateway implements SocketIoGateway<EasyRtcSession> {
  private endpoint!: SocketIoEndpoint<EasyRtcSession>;

  constructor(
    private readonly codec: EasyRtcCodec,
    private readonly logins: EasyRtcLogin,
    private readonly relay: EasyRtcRelay,
    private readonly rooms: EasyRtcRooms,
    private readonly roomList: EasyRtcRoomList,
    private readonly hooks: EasyRtcHooks,
    private readonly options: EasyRtcOptions,
  ) {}

  afterInit(endpoint: SocketIoEndpoint<EasyRtcSession>): void {
    this.endpoint = endpoint;
    endpoint.serve(this.options.socketIoPath, this);
  }

  handleConnection(connection: SocketIoConnection<EasyRtcSession>): EasyRtcSession {
    const session = new EasyRtcSession(connection);
    session.expectLogin(this.options.loginTimeoutMs);
    return session;
  }

  async handleDisconnect(session: EasyRtcSession, reason: EndReason): Promise<void> {
    session.expectNothing();
    if (session.client) await this.logins.leave(session.client, reason);
  }

  decode({ client, isRefused }: EasyRtcSession, message: SocketIoMessage): DecodedFrame | undefined {
    if (!isEasyRtcMessage(message)) return undefined;
    if (isRefused) throw new DomainError('NOT_AUTHORIZED', {});
    // Before the first login, commands are ignored.
    if (!client && message.name !== EasyRtcMessage.Authenticate) return undefined;
    return this.codec.decode(message);
  }

  goodbye(connection: SocketIoConnection, reason: Goodbye): void {
    const code = GOODBYES[reason];
    if (code) emitError(connection, code);
  }

  @SubscribeMessage(EasyRtcEvent.Authenticate)
  async authenticate(@ConnectedSocket() session: EasyRtcSession, @MessageBody() request: LoginRequest): Promise<void> {
    const before = session.client;
    await this.logins.login(session, request);
    if (session.client && session.client !== before) this.endpoint.identified(session.connection, session.client);
  }

  @SubscribeMessage(EasyRtcEvent.Offer)
  offer(@ConnectedSocket() session: LoggedIn, @MessageBody() request: RelayRequest): object | Promise<object> {
    return this.relayed(session, 'offer', request);
  }

  @SubscribeMessage(EasyRtcEvent.Answer)
  answer(@ConnectedSocket() session: LoggedIn, @MessageBody() request: RelayRequest): object | Promise<object> {
    return this.relayed(session, 'answer', request);
  }

  @SubscribeMessage(EasyRtcEvent.Candidate)
  candidate(@ConnectedSocket() session: LoggedIn, @MessageBody() request: RelayRequest): object | Promise<object> {
    return this.relayed(session, 'candidate', request);
  }

  @SubscribeMessage(EasyRtcEvent.Reject)
  reject(@ConnectedSocket() session: LoggedIn, @MessageBody() request: BareRequest): object | Promise<object> {
    return this.relayed(session, 'reject', request);
  }

  @SubscribeMessage(EasyRtcEvent.Hangup)
  hangup(@ConnectedSocket() session: LoggedIn, @MessageBody() request: BareRequest): object | Promise<object> {
    return this.relayed(session, 'hangup', request);
  }

  @SubscribeMessage(EasyRtcEvent.Message)
  async message(@ConnectedSocket() { client }: LoggedIn, @MessageBody() request: MessageRequest): Promise<object> {
    return (await this.relay.message(client, request)) ?? ACK;
  }

  @SubscribeMessage(EasyRtcEvent.GetIceConfig)
  async getIceConfig(
    @ConnectedSocket() { client }: LoggedIn,
    @MessageBody() _request: IceConfigRequest,
  ): Promise<object> {
    return iceConfig(await client.ask(() => this.hooks.iceServers(client)));
  }

  @SubscribeMessage(EasyRtcEvent.GetRoomList)
  getRoomList(@ConnectedSocket() { client }: LoggedIn, @MessageBody() _request: RoomListRequest): Promise<object> {
    return this.roomList.answerFor(client);
  }

  @SubscribeMessage(EasyRtcEvent.RoomJoin)
  async roomJoin(
    @ConnectedSocket() { client }: LoggedIn,
    @MessageBody() { msgData, answer }: RoomJoinRequest,
  ): Promise<void> {
    await this.rooms.join(client, msgData.roomJoin, (rooms) => answer(roomDataAnswer(joined(rooms))));
  }

  @SubscribeMessage(EasyRtcEvent.RoomLeave)
  async roomLeave(@ConnectedSocket() { client }: LoggedIn, @MessageBody() request: RoomLeaveRequest): Promise<object> {
    const names = Object.keys(request.msgData.roomLeave);
    await this.rooms.leave(client, names);
    return roomDataAnswer(left(names));
  }

  @SubscribeMessage(EasyRtcEvent.SetRoomApiField)
  async setRoomApiField(
    @ConnectedSocket() { client }: LoggedIn,
    @MessageBody() { msgData, fieldText = '{}' }: RoomApiFieldRequest,
  ): Promise<object> {
    const { roomName } = msgData.setRoomApiField;
    return roomDataAnswer(updated(await this.rooms.setApiFields(client, roomName, fieldText), client.id));
  }

  @SubscribeMessage(EasyRtcEvent.SetPresence)
  async setPresence(@ConnectedSocket() { client }: LoggedIn, @MessageBody() request: PresenceRequest): Promise<object> {
    client.setPresence(request.msgData.setPresence);
    return roomDataAnswer(updated(await this.rooms.show(client), client.id));
  }

  @SubscribeMessage(EasyRtcEvent.SetUserCfg)
  setUserCfg(@ConnectedSocket() _session: LoggedIn, @MessageBody() _request: UserCfgRequest): object {
    return ACK;
  }

  @SubscribeMessage(EasyRtcEvent.StillAlive)
  stillAlive(@ConnectedSocket() _session: LoggedIn, @MessageBody() _request: StillAliveRequest): object {
    return ACK;
  }

  private relayed(
    { client }: LoggedIn,
    kind: SignalKind,
    request: RelayRequest | BareRequest,
  ): object | Promise<object> {
    const sent = this.relay.command(client, kind, request);
    return sent ? sent.then(() => ACK) : ACK;
  }
}
