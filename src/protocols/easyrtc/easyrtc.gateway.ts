import { UseFilters } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage } from '@nestjs/websockets';
import type { SignalKind } from '../../common/signal.js';
import { SignalboxGateway } from '../../transport/signalbox-gateway.js';
import { EasyRtcAdmission } from './easyrtc.admission.js';
import { ACK, iceConfig, roomDataAnswer } from './easyrtc.answers.js';
import type { EasyRtcClient } from './easyrtc.client.js';
import { EasyRtcCodec } from './easyrtc.codec.js';
import { EasyRtcExceptionFilter } from './easyrtc.errors.js';
import { EasyRtcIce } from './easyrtc.ice.js';
import { EasyRtcLogin } from './easyrtc.login.js';
import {
  BareRequest,
  EASYRTC,
  EasyRtcEvent,
  IceConfigRequest,
  LoginRequest,
  MessageRequest,
  PresenceRequest,
  RelayRequest,
  RoomApiFieldRequest,
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
import type { EasyRtcSession } from './easyrtc.session.js';

/** A session after its login. */
type LoggedIn = EasyRtcSession & { readonly client: EasyRtcClient };

/** Handles the messages of EasyRTC (PROTOCOL.md). */
@SignalboxGateway({ protocol: EASYRTC, over: 'socket.io', codec: EasyRtcCodec, admission: EasyRtcAdmission })
@UseFilters(EasyRtcExceptionFilter)
export class EasyRtcGateway {
  constructor(
    private readonly logins: EasyRtcLogin,
    private readonly relay: EasyRtcRelay,
    private readonly rooms: EasyRtcRooms,
    private readonly roomList: EasyRtcRoomList,
    private readonly ice: EasyRtcIce,
  ) {}

  @SubscribeMessage(EasyRtcEvent.Authenticate)
  async authenticate(@ConnectedSocket() session: EasyRtcSession, @MessageBody() request: LoginRequest): Promise<void> {
    await this.logins.login(session, request);
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
    return iceConfig(await this.ice.servers(client));
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
