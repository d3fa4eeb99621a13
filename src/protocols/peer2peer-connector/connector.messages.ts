import { randomUUID } from 'node:crypto';
import {
  IsDefined,
  IsNotEmpty,
  IsObject,
  IsOptional,
  IsString,
  ValidateIf,
  ValidateNested,
} from '../../common/class-validator.js';
import type { RawJson } from '../../common/raw-json.js';
import type { Room } from '../../common/room.js';
import type { IceConfig } from '../../ice/ice-provider.js';
import { type Frame, textFrame } from '../../transport/websocket/text-frame.js';

/** The protocol's name in the directory, in logs, in metrics and in the admin API. */
export const CONNECTOR = 'peer2peer-connector';

/** The names of all requests, as the server spells them. */
export enum ConnectorEvent {
  Connect = 'Connect',
  Offer = 'Offer',
  Answer = 'Answer',
  Candidate = 'Candidate',
  Message = 'Message',
  CreateRoom = 'Create_Room',
  JoinRoom = 'Join_Room',
  LeaveRoom = 'Leave_Room',
  EndRoom = 'End_Room',
  Authenticate = 'Authenticate',
  IceConfig = 'Ice_Config',
}

/** The requests that every realm has: the answer to an unknown one lists them. */
export const REQUESTS: readonly ConnectorEvent[] = [
  ConnectorEvent.Connect,
  ConnectorEvent.Offer,
  ConnectorEvent.Answer,
  ConnectorEvent.Candidate,
  ConnectorEvent.Message,
  ConnectorEvent.CreateRoom,
  ConnectorEvent.JoinRoom,
  ConnectorEvent.LeaveRoom,
  ConnectorEvent.EndRoom,
];

// Messages from clients

const NO_TO = { message: "'to' field not found" };
const NO_DATA = { message: "'data' field is missing or is not object in the request." };
const NO_ROOM = { message: "'room' field is missing in the request." };
const NAME_NO_STRING = { message: "'name' field is not a string in the request." };

/** A session description and a candidate. */
class ConnectData {
  @IsDefined({ message: "'data''sdp' field is missing in the request." })
  readonly sdp!: unknown;

  @IsDefined({ message: "'data''candidate' field is missing in the request." })
  readonly candidate!: unknown;
}

/** `Connect` */
export class ConnectRequest {
  @IsString(NO_TO)
  readonly to!: string;

  @ValidateNested()
  @IsObject(NO_DATA)
  readonly data!: ConnectData;

  /** The JSON text of `data` with `sdp` and `candidate` only. It is set if `data` is valid. */
  readonly payload!: RawJson;
}

/** `Offer`, `Answer`, `Candidate` */
export class RelayRequest {
  @IsString(NO_TO)
  readonly to!: string;

  /** The JSON text of `data`; undefined if the frame has none. */
  readonly payload?: RawJson;
  /** The JSON text of the members that are forwarded beside `data`. `event` is the first of them. */
  readonly members!: string;
}

/** `Message`, to a client or to a room of the sender */
export class MessageRequest {
  @ValidateIf(({ to, room }: MessageRequest) => to != null || room == null)
  @IsString(NO_TO)
  readonly to?: string;

  @ValidateIf(({ to }: MessageRequest) => to == null)
  @IsString(NO_ROOM)
  readonly room?: string;

  readonly payload?: RawJson;
  readonly members!: string;
}

class NewRoomData {
  @IsOptional()
  @IsString(NO_ROOM)
  readonly room?: string | null;

  @IsOptional()
  @IsString(NAME_NO_STRING)
  readonly name?: string | null;
}

/** `Create_Room` */
export class CreateRoomRequest {
  @ValidateNested()
  @IsObject(NO_DATA)
  readonly data!: NewRoomData;
}

class RoomData {
  @IsNotEmpty(NO_ROOM)
  @IsString(NO_ROOM)
  readonly room!: string;
}

/** `Join_Room`, `Leave_Room`, `End_Room` */
export class RoomRequest {
  @ValidateNested()
  @IsObject(NO_DATA)
  readonly data!: RoomData;
}

/** `Authenticate`: replaces the client's token. A token of another type counts as missing. */
export class AuthenticateRequest {
  readonly data?: { readonly token?: unknown } | null;
}

/** `Ice_Config` */
export class IceConfigRequest {}

// Messages to clients

/** The first frame of each connection. */
export function clientDetails(id: string): Frame {
  return envelope('info', 'Client_Details', { id });
}

/** The answer to `Create_Room`. */
export function roomCreated(room: Room): Frame {
  return envelope('info', 'Room_Created', { ...roomData(room), roomId: room.id });
}

/** The answer to `Leave_Room`. */
export function roomLeft(room: Room): Frame {
  return envelope('info', 'Room_Left', { room: room.id });
}

/**
 * The answer to `Authenticate`.
 * @param expiresAt milliseconds since 1970; undefined for a token without an end
 */
export function authenticated(expiresAt: number | undefined): Frame {
  return envelope('info', 'Authenticated', {
    expiresAt: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
  });
}

/** The answer to `Ice_Config`. */
export function iceConfig(config: IceConfig): Frame {
  return envelope('info', 'Ice_Config', config);
}

/** Tells all members, including the new one, that a client has joined. */
export function clientAdded(room: Room): Frame {
  return envelope('update', 'Client_Added', roomData(room));
}

/** Tells the remaining members that a client has left. */
export function clientRemoved(room: Room): Frame {
  return envelope('update', 'Client_Removed', roomData(room));
}

/** Tells all members that the room has ended. */
export function roomDeleted(room: Room): Frame {
  return envelope('update', 'Room_Deleted', roomData(room));
}

/** The message to the target of a `Connect`. */
export function connectOffer(from: string, data: RawJson): Frame {
  const head = `{"type":"info","event":"Offer","data":{"event":"Offer","from":${JSON.stringify(from)},"data":`;
  return textFrame(head, data.bytes, `},${stamp()}}`);
}

/** An error envelope. Its events are those of `CONNECTOR_ERRORS`. */
export function errorFrame(event: string, data: object): Frame {
  return envelope('error', event, data);
}

function roomData({ id, name, members }: Room): { clients: string[]; name: string; room: string } {
  return { clients: members.map((member) => member.id), name, room: id };
}

function envelope(type: 'info' | 'update' | 'error', event: string, data: object): Frame {
  return textFrame(`{"type":"${type}","event":"${event}","data":${JSON.stringify(data)},${stamp()}}`);
}

/** Returns the members of an envelope that differ for each message. */
function stamp(): string {
  return `"timestamp":"${new Date().toISOString()}","message_id":"${randomUUID()}"`;
}
