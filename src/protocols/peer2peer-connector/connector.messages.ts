import { randomUUID } from 'node:crypto';
import { IsDefined, IsNotEmpty, IsObject, IsOptional, IsString, ValidateIf, ValidateNested } from 'class-validator';
import type { RawJson } from '../../common/raw-json.js';
import type { Room } from '../../common/room.js';
import { textFrame, type Frame } from '../../transport/websocket/text-frame.js';

/** The protocol's name in the directory, in logs and in metrics. */
export const CONNECTOR = 'peer2peer-connector';

/** The requests that there are, as the server spells them. */
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
}

// Requests

const NO_TO = { message: "'to' field not found" };
const NO_DATA = { message: "'data' field is missing or is not object in the request." };
const NO_ROOM = { message: "'room' field is missing in the request." };
const NAME_NO_STRING = { message: "'name' field is not a string in the request." };

/** Session description and candidate at once. */
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

  /** The text of `data`, with nothing but `sdp` and `candidate` in it; there if `data` is what it has to be. */
  readonly payload!: RawJson;
}

/** `Offer`, `Answer`, `Candidate` */
export class RelayRequest {
  @IsString(NO_TO)
  readonly to!: string;

  /** The text of `data`, if there was one. */
  readonly payload?: RawJson;
  /** The text of the members that are passed on beside `data`, `event` the first of them. */
  readonly members!: string;
}

/** `Message`, to a client or to a room that the sender is in */
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

// What the server originates

/** The first frame of each connection. */
export function clientDetails(id: string): Frame {
  return envelope('info', 'Client_Details', { id });
}

/** Answer to `Create_Room`. */
export function roomCreated(room: Room): Frame {
  return envelope('info', 'Room_Created', { ...roomData(room), roomId: room.id });
}

/** Answer to `Leave_Room`. */
export function roomLeft(room: Room): Frame {
  return envelope('info', 'Room_Left', { room: room.id });
}

/** To each member, the new one too. */
export function clientAdded(room: Room): Frame {
  return envelope('update', 'Client_Added', roomData(room));
}

/** To each remaining member. */
export function clientRemoved(room: Room): Frame {
  return envelope('update', 'Client_Removed', roomData(room));
}

/** To each member at the end. */
export function roomDeleted(room: Room): Frame {
  return envelope('update', 'Room_Deleted', roomData(room));
}

/** What the target of a `Connect` gets. */
export function connectOffer(from: string, data: RawJson): Frame {
  const head = `{"type":"info","event":"Offer","data":{"event":"Offer","from":${JSON.stringify(from)},"data":`;
  return textFrame(head, data.bytes, `},${stamp()}}`);
}

/** Any refusal. `event` is one of the words of `ConnectorExceptionFilter`. */
export function errorFrame(event: string, data: object): Frame {
  return envelope('error', event, data);
}

function roomData({ id, name, members }: Room): { clients: string[]; name: string; room: string } {
  return { clients: members.map((member) => member.id), name, room: id };
}

function envelope(type: 'info' | 'update' | 'error', event: string, data: object): Frame {
  return textFrame(`{"type":"${type}","event":"${event}","data":${JSON.stringify(data)},${stamp()}}`);
}

/** Two members of an object. */
function stamp(): string {
  return `"timestamp":"${new Date().toISOString()}","message_id":"${randomUUID()}"`;
}
