import { IsNotEmpty, IsString, ValidateIf } from 'class-validator';
import type { RawJson } from '../../common/raw-json.js';
import { jsonFrame, textFrame, type Frame } from '../../transport/websocket/text-frame.js';

/** The protocol's name in the directory, in logs and in metrics. */
export const PEERJS = 'peerjs';

/** The value of `type` in all messages, either way. */
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

// From a client

/** `OFFER`, `ANSWER`, `CANDIDATE`, `EXPIRE` */
export class RelayRequest {
  @IsNotEmpty()
  @IsString()
  readonly dst!: string;

  /** The text of `payload`, if there was one. */
  readonly payload?: RawJson;
}

/** `LEAVE`: the connections to `dst` are closed or, without `dst`, the client itself leaves. */
export class LeaveRequest {
  @ValidateIf(({ dst }: LeaveRequest) => dst !== undefined)
  @IsNotEmpty()
  @IsString()
  readonly dst?: string;

  readonly payload?: RawJson;
}

/** `HEARTBEAT`: a sign of life, as any other frame. */
export class HeartbeatRequest {}

// To a client

/** The connection is ready. */
export const OPEN: Frame = jsonFrame({ type: PeerJsType.Open });

/** The id that the client wants belongs to another one. */
export const ID_TAKEN: Frame = jsonFrame({ type: PeerJsType.IdTaken, payload: { msg: 'ID is taken' } });

/** Ends the client's peer, whatever it says; so it is sent only where the connection ends, too. */
export function errorFrame(msg: string): Frame {
  return jsonFrame({ type: PeerJsType.Error, payload: { msg } });
}

/** A message of another client, or of the server in its name. */
export function relayFrame(type: PeerJsType, src: string, dst: string, payload?: RawJson): Frame {
  const head = `{"type":"${type}","src":${JSON.stringify(src)},"dst":${JSON.stringify(dst)}`;
  return payload ? textFrame(`${head},"payload":`, payload.bytes, '}') : textFrame(`${head}}`);
}
