import { ValidateNested } from 'class-validator';
import type { Signal } from '../../common/signal.js';
import type { SocketIoMessage } from '../../transport/socket-io/socket-io.messages.js';
import {
  isEmpty,
  isFieldMap,
  isFilledObject,
  isObject,
  isPresence,
  isRoomMap,
  isShortField,
  isTarget,
  matches,
  May,
  Must,
  PATTERNS,
} from './easyrtc.validators.js';
import type { Fields, Presence } from './easyrtc.room-data.js';

/** The protocol's name in the directory, in logs and in metrics. */
export const EASYRTC = 'easyrtc';

/** What a message is named in socket.io's words. */
export enum EasyRtcMessage {
  Authenticate = 'easyrtcAuth',
  Command = 'easyrtcCmd',
  Message = 'easyrtcMsg',
}

/** A message of the protocol, as it came. */
export type EasyRtcIncoming = SocketIoMessage & { readonly name: EasyRtcMessage };

/** Whether a message is one of the protocol; others are ignored. */
export function isEasyRtcMessage(message: SocketIoMessage): message is EasyRtcIncoming {
  return NAMES.has(message.name);
}

const NAMES = new Set<string>(Object.values(EasyRtcMessage));

/** What a gateway's method subscribes to. */
export enum EasyRtcEvent {
  Authenticate = 'easyrtcAuth',
  Message = 'easyrtcMsg',
  // The commands, with their `msgType` behind the dot.
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

// From a client. Whatever else a message holds is legal, and dropped.

/** What a message carries for others. */
export type Content = Pick<Signal, 'payload' | 'attachments'>;

/** Rooms by their names. */
export type RoomMap = Readonly<Record<string, { readonly roomName: string; readonly roomParameter?: object }>>;

class LoginData {
  @Must('MSG_REJECT_BAD_STRUCTURE', matches(PATTERNS.apiVersion))
  @Must('LOGIN_BAD_STRUCTURE', (value) => typeof value === 'string')
  readonly apiVersion!: string;

  @May('MSG_REJECT_BAD_STRUCTURE', matches(PATTERNS.name))
  readonly applicationName?: string;

  @May('MSG_REJECT_BAD_STRUCTURE', matches(PATTERNS.easyrtcsid))
  readonly easyrtcsid?: string;

  @May('MSG_REJECT_BAD_STRUCTURE', matches(PATTERNS.username))
  readonly username?: string;

  @May('MSG_REJECT_BAD_STRUCTURE', isFilledObject)
  readonly credential?: object;

  @May('MSG_REJECT_BAD_STRUCTURE', isPresence)
  readonly setPresence?: Partial<Presence>;

  @May('MSG_REJECT_BAD_STRUCTURE', isRoomMap)
  @May('LOGIN_BAD_STRUCTURE', isObject)
  readonly roomJoin?: RoomMap;
}

/** `easyrtcAuth` */
export class LoginRequest {
  @Must('LOGIN_BAD_AUTH', (value) => value === 'authenticate')
  readonly msgType!: string;

  @ValidateNested()
  @Must('LOGIN_BAD_STRUCTURE', isObject)
  readonly msgData!: LoginData;

  /** Answers before anything else that the client is told. */
  readonly answer!: (answer: object) => void;
}

/** `offer`, `answer`, `candidate` */
export class RelayRequest {
  @Must('MSG_REJECT_BAD_DATA', isFilledObject)
  readonly msgData!: object;

  @Must('MSG_REJECT_BAD_STRUCTURE', isTarget)
  readonly targetEasyrtcid!: string;

  /** `msgData` as it is carried. */
  readonly content!: Content;
}

/** `reject`, `hangup` */
export class BareRequest {
  @Must('MSG_REJECT_BAD_DATA', (value) => value === undefined)
  readonly msgData?: undefined;

  @Must('MSG_REJECT_BAD_STRUCTURE', isTarget)
  readonly targetEasyrtcid!: string;

  /** Nothing. */
  readonly content!: Content;
}

/** `getIceConfig` */
export class IceConfigRequest {
  @May('MSG_REJECT_BAD_DATA', (value) => isObject(value) && isEmpty(value))
  readonly msgData?: object;
}

/** `getRoomList` */
export class RoomListRequest {
  @Must('MSG_REJECT_BAD_DATA', (value) => value === undefined)
  readonly msgData?: undefined;
}

class RoomJoinData {
  @Must('MSG_REJECT_BAD_STRUCTURE', isRoomMap)
  readonly roomJoin!: RoomMap;
}

/** `roomJoin` */
export class RoomJoinRequest {
  @ValidateNested()
  @Must('MSG_REJECT_BAD_DATA', isObject)
  readonly msgData!: RoomJoinData;

  /** Answers before the client is told what has changed in these rooms since. */
  readonly answer!: (answer: object) => void;
}

class RoomLeaveData {
  @Must('MSG_REJECT_BAD_STRUCTURE', isRoomMap)
  readonly roomLeave!: RoomMap;
}

/** `roomLeave` */
export class RoomLeaveRequest {
  @ValidateNested()
  @Must('MSG_REJECT_BAD_DATA', isObject)
  readonly msgData!: RoomLeaveData;
}

class RoomApiField {
  @Must('MSG_REJECT_BAD_ROOM', matches(PATTERNS.name))
  readonly roomName!: string;

  @May('MSG_REJECT_BAD_STRUCTURE', isFieldMap)
  readonly field?: Fields;
}

class RoomApiFieldData {
  @ValidateNested()
  @Must('MSG_REJECT_BAD_STRUCTURE', isFilledObject)
  readonly setRoomApiField!: RoomApiField;
}

/** `setRoomApiField` */
export class RoomApiFieldRequest {
  @ValidateNested()
  @Must('MSG_REJECT_BAD_DATA', isObject)
  readonly msgData!: RoomApiFieldData;

  /** The JSON of `field`, which is carried and not read. */
  @May('MSG_REJECT_BAD_SIZE', isShortField)
  readonly fieldText?: string;
}

class PresenceData {
  @Must('MSG_REJECT_BAD_STRUCTURE', isPresence)
  readonly setPresence!: Partial<Presence>;
}

/** `setPresence` */
export class PresenceRequest {
  @ValidateNested()
  @Must('MSG_REJECT_BAD_DATA', isObject)
  readonly msgData!: PresenceData;
}

class UserCfgData {
  @Must('MSG_REJECT_BAD_STRUCTURE', isFilledObject)
  readonly setUserCfg!: object;
}

/** `setUserCfg` */
export class UserCfgRequest {
  @ValidateNested()
  @Must('MSG_REJECT_BAD_DATA', isObject)
  readonly msgData!: UserCfgData;
}

/** `stillAlive`: a sign of life, as any other message. */
export class StillAliveRequest {}

/** `easyrtcMsg`, to a client, a room or a group, or to the server */
export class MessageRequest {
  @Must('MSG_REJECT_BAD_TYPE', (value) => typeof value === 'string')
  readonly msgType!: string;

  /** Anything, binary too. */
  readonly msgData?: unknown;

  /** `msgData` as it is carried. */
  readonly content!: Content;

  @May('MSG_REJECT_TARGET_EASYRTCID', isTarget)
  readonly targetEasyrtcid?: string;

  @May('MSG_REJECT_TARGET_ROOM', matches(PATTERNS.name))
  readonly targetRoom?: string;

  @May('MSG_REJECT_TARGET_GROUP', matches(PATTERNS.name))
  readonly targetGroup?: string;
}
