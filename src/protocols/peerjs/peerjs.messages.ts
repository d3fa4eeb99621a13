import { IsNotEmpty, IsString, ValidateIf } from '../../common/class-validator.js';
import type { RawJson } from '../../common/raw-json.js';
import { type Frame, jsonFrame, textFrame } from '../../transport/websocket/text-frame.js';

/** The protocol's name in the directory, in logs, in metrics and in the admin API. */
export const PEERJS = 'peerjs';

/** The values of `type`, in both directions. */
export enum PeerJsType {
  Open = 'OPEN',
  Leave = 'LEAVE',
  Candidate = 'CANDIDATE',
  Offer = 'OFFER',
  Answer = 'ANSWER',
  Expire = 'EXPIRE',
  Heartbeat = 'HEARTBEAT',
  IdTaken = 'ID-TAKEN',
  Error = 'ERROR',
}

// Messages from clients

/** `OFFER`, `ANSWER`, `CANDIDATE`, `EXPIRE` */
export class RelayRequest {
  @IsNotEmpty()
  @IsString()
  readonly dst!: string;

  /** The JSON text of `payload`; undefined if the frame has none. */
  readonly payload?: RawJson;
}

/** `LEAVE`: the client closes its connections to `dst` or, without `dst`, disconnects from the server. */
export class LeaveRequest {
  @ValidateIf(({ dst }: LeaveRequest) => dst !== undefined)
  @IsNotEmpty()
  @IsString()
  readonly dst?: string;

  readonly payload?: RawJson;
}

/** `HEARTBEAT`: a sign of life, like every other frame. */
export class HeartbeatRequest {}

// Messages to clients

/** Tells the client that it is connected. */
export const OPEN: Frame = jsonFrame({ type: PeerJsType.Open });

/** Tells the client that another client has its id. */
export const ID_TAKEN: Frame = jsonFrame({ type: PeerJsType.IdTaken, payload: { msg: 'ID is taken' } });

/** The client library destroys its peer after any `ERROR`, so only clients that are being disconnected get one. */
export function errorFrame(msg: string): Frame {
  return jsonFrame({ type: PeerJsType.Error, payload: { msg } });
}

/** A message from another client, or from the server in the name of another client. */
export function relayFrame(type: PeerJsType, src: string, dst: string, payload?: RawJson): Frame {
  const head = `{"type":"${type}","src":${JSON.stringify(src)},"dst":${JSON.stringify(dst)}`;
  return payload ? textFrame(`${head},"payload":`, payload.bytes, '}') : textFrame(`${head}}`);
}
