import { ValidateNested } from '../../common/class-validator.js';
import type { Signal } from '../../common/signal.js';
import type { SocketIoMessage } from '../../transport/socket-io/socket-io.messages.js';
import type { Fields, Presence } from './easyrtc.room-data.js';
import {
  ABSENT,
  ANY_TEXT,
  EMPTY_OBJECT,
  FIELD_MAP,
  FILLED_OBJECT,
  May,
  Must,
  OBJECT,
  PATTERNS,
  PRESENCE,
  ROOM_MAP,
  SHORT_FIELD,
  TARGET,
  text,
} from './easyrtc.validators.js';

/** The protocol's name in the directory, in logs, in metrics and in the admin API. */
export const EASYRTC = 'easyrtc';

/** The application of clients that name none. Its realm is also the default realm of Peer2Peer Connector clients. */
export const DEFAULT_APPLICATION = 'default';

/** The names of the protocol's socket.io events. */
export enum EasyRtcMessage {
  Authenticate = 'easyrtcAuth',
  Command = 'easyrtcCmd',
  Message = 'easyrtcMsg',
}

/** A received message of the protocol. */
export type EasyRtcIncoming = SocketIoMessage & { readonly name: EasyRtcMessage };

/** Whether a message belongs to the protocol. All others are ignored. */
export function isEasyRtcMessage(message: SocketIoMessage): message is EasyRtcIncoming {
  return NAMES.has(message.name);
}

const NAMES = new Set<string>(Object.values(EasyRtcMessage));

/** The events that gateway methods subscribe to. */
export enum EasyRtcEvent {
  Authenticate = 'easyrtcAuth',
  Message = 'easyrtcMsg',
  // Commands, with their `msgType` after the dot.
  Offer = 'easyrtcCmd.offer',
  Answer = 'easyrtcCmd.answer',
  Candidate = 'easyrtcCmd.candidate',
  Reject = 'easyrtcCmd.reject',
  Hangup = 'easyrtcCmd.hangup',
  GetIceConfig = 'easyrtcCmd.getIceConfig',
  GetRoomList = 'easyrtcCmd.getRoomList',
  RoomJoin = 'easyrtcCmd.roomJoin',
  RoomLeave = 'easyrtcCmd.roomLeave',
  SetRoomApiField = 'easyrtcCmd.setRoomApiField',
  SetPresence = 'easyrtcCmd.setPresence',
  SetUserCfg = 'easyrtcCmd.setUserCfg',
  StillAlive = 'easyrtcCmd.stillAlive',
}

// Messages from clients. Other members are legal, and dropped.

/** The part of a message that is forwarded. */
export type Content = Pick<Signal, 'payload' | 'attachments'>;

/** Rooms by name. */
export type RoomMap = Readonly<Record<string, { readonly roomName: string; readonly roomParameter?: object }>>;

class LoginData {
  @Must('MSG_REJECT_BAD_STRUCTURE', text(PATTERNS.apiVersion))
  @Must('LOGIN_BAD_STRUCTURE', ANY_TEXT)
  readonly apiVersion!: string;

  @May('MSG_REJECT_BAD_STRUCTURE', text(PATTERNS.name))
  readonly applicationName?: string;

  @May('MSG_REJECT_BAD_STRUCTURE', text(PATTERNS.easyrtcsid))
  readonly easyrtcsid?: string;

  @May('MSG_REJECT_BAD_STRUCTURE', text(PATTERNS.username))
  readonly username?: string;

  @May('MSG_REJECT_BAD_STRUCTURE', FILLED_OBJECT)
  readonly credential?: object;

  @May('MSG_REJECT_BAD_STRUCTURE', PRESENCE)
  readonly setPresence?: Partial<Presence>;

  @May('MSG_REJECT_BAD_STRUCTURE', ROOM_MAP)
  @May('LOGIN_BAD_STRUCTURE', OBJECT)
  readonly roomJoin?: RoomMap;
}

/** `easyrtcAuth` */
export class LoginRequest {
  @Must('LOGIN_BAD_AUTH', text(/^authenticate$/))
  readonly msgType!: string;

  @ValidateNested()
  @Must('LOGIN_BAD_STRUCTURE', OBJECT)
  readonly msgData!: LoginData;

  /** Answers the login before the client gets any other message. */
  readonly answer!: (answer: object) => void;
}

/** `offer`, `answer`, `candidate` */
export class RelayRequest {
  @Must('MSG_REJECT_BAD_DATA', FILLED_OBJECT)
  readonly msgData!: object;

  @Must('MSG_REJECT_BAD_STRUCTURE', TARGET)
  readonly targetEasyrtcid!: string;

  /** `msgData` in the form in which it is forwarded. */
  readonly content!: Content;
}

/** `reject`, `hangup` */
export class BareRequest {
  @Must('MSG_REJECT_BAD_DATA', ABSENT)
  readonly msgData?: undefined;

  @Must('MSG_REJECT_BAD_STRUCTURE', TARGET)
  readonly targetEasyrtcid!: string;

  /** Empty. */
  readonly content!: Content;
}

/** `getIceConfig` */
export class IceConfigRequest {
  @May('MSG_REJECT_BAD_DATA', EMPTY_OBJECT)
  readonly msgData?: object;
}

/** `getRoomList` */
export class RoomListRequest {
  @Must('MSG_REJECT_BAD_DATA', ABSENT)
  readonly msgData?: undefined;
}

class RoomJoinData {
  @Must('MSG_REJECT_BAD_STRUCTURE', ROOM_MAP)
  readonly roomJoin!: RoomMap;
}

/** `roomJoin` */
export class RoomJoinRequest {
  @ValidateNested()
  @Must('MSG_REJECT_BAD_DATA', OBJECT)
  readonly msgData!: RoomJoinData;

  /** Answers the command before the client hears of later changes in these rooms. */
  readonly answer!: (answer: object) => void;
}

class RoomLeaveData {
  @Must('MSG_REJECT_BAD_STRUCTURE', ROOM_MAP)
  readonly roomLeave!: RoomMap;
}

/** `roomLeave` */
export class RoomLeaveRequest {
  @ValidateNested()
  @Must('MSG_REJECT_BAD_DATA', OBJECT)
  readonly msgData!: RoomLeaveData;
}

class RoomApiField {
  @Must('MSG_REJECT_BAD_ROOM', text(PATTERNS.name))
  readonly roomName!: string;

  @May('MSG_REJECT_BAD_STRUCTURE', FIELD_MAP)
  readonly field?: Fields;
}

class RoomApiFieldData {
  @ValidateNested()
  @Must('MSG_REJECT_BAD_STRUCTURE', FILLED_OBJECT)
  readonly setRoomApiField!: RoomApiField;
}

/** `setRoomApiField` */
export class RoomApiFieldRequest {
  @ValidateNested()
  @Must('MSG_REJECT_BAD_DATA', OBJECT)
  readonly msgData!: RoomApiFieldData;

  /** The JSON text of `field`, which is forwarded without being parsed. */
  @May('MSG_REJECT_BAD_SIZE', SHORT_FIELD)
  readonly fieldText?: string;
}

class PresenceData {
  @Must('MSG_REJECT_BAD_STRUCTURE', PRESENCE)
  readonly setPresence!: Partial<Presence>;
}

/** `setPresence` */
export class PresenceRequest {
  @ValidateNested()
  @Must('MSG_REJECT_BAD_DATA', OBJECT)
  readonly msgData!: PresenceData;
}

class UserCfgData {
  @Must('MSG_REJECT_BAD_STRUCTURE', FILLED_OBJECT)
  readonly setUserCfg!: object;
}

/** `setUserCfg` */
export class UserCfgRequest {
  @ValidateNested()
  @Must('MSG_REJECT_BAD_DATA', OBJECT)
  readonly msgData!: UserCfgData;
}

/** `stillAlive`: a sign of life, like every other message. */
export class StillAliveRequest {}

/** `easyrtcMsg`, to a client, a room or a group, or to the server */
export class MessageRequest {
  @Must('MSG_REJECT_BAD_TYPE', ANY_TEXT)
  readonly msgType!: string;

  /** Any value, including binary data. */
  readonly msgData?: unknown;

  /** `msgData` in the form in which it is forwarded. */
  readonly content!: Content;

  @May('MSG_REJECT_TARGET_EASYRTCID', TARGET)
  readonly targetEasyrtcid?: string;

  @May('MSG_REJECT_TARGET_ROOM', text(PATTERNS.name))
  readonly targetRoom?: string;

  @May('MSG_REJECT_TARGET_GROUP', text(PATTERNS.name))
  readonly targetGroup?: string;
}
