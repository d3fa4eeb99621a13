import { RawJson } from '../../common/raw-json.js';
import type { IceServer } from '../../config/sections/ice.options.js';
import type { Fields, RoomData } from './easyrtc.room-data.js';

/** The answer to a request without results. */
export const ACK = { msgType: 'ack' } as const;

/** What the answer to a login tells the client. */
export interface Token {
  readonly roomData: RoomData;
  readonly application: { readonly applicationName: string; readonly field?: Fields };
  readonly easyrtcid: string;
  readonly iceConfig: { readonly iceServers: readonly IceServer[] };
  readonly serverTime: number;
  readonly field?: Fields;
  readonly sessionData?: { readonly easyrtcsid: string; readonly field?: Fields };
}

export function token({ roomData, ...rest }: Token): RawJson {
  return RawJson.ofText(`{"msgType":"token","msgData":{"roomData":${roomData},${JSON.stringify(rest).slice(1)}}`);
}

export function iceConfig(iceServers: readonly IceServer[]): object {
  return { msgType: 'iceConfig', msgData: { iceConfig: { iceServers } } };
}

export function roomDataAnswer(roomData: RoomData): RawJson {
  return RawJson.ofText(`{"msgType":"roomData","msgData":{"roomData":${roomData}}}`);
}
