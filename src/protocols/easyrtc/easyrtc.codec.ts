import { Injectable } from '@nestjs/common';
import { Encoder, PacketType } from 'socket.io-parser';
import { DomainError } from '../../common/domain-error.js';
import type { Protocol } from '../../common/protocols.js';
import { RawJson } from '../../common/raw-json.js';
import type { RoomChange } from '../../common/room.js';
import type { Signal, SignalKind } from '../../common/signal.js';
import type { DecodedFrame } from '../../transport/endpoint/endpoint-core.js';
import type { SocketIoArgument, SocketIoMessage } from '../../transport/socket-io/socket-io.messages.js';
import { invalidRequest } from './easyrtc.errors.js';
import {
  type Content,
  EASYRTC,
  EasyRtcEvent,
  type EasyRtcIncoming,
  EasyRtcMessage,
  isEasyRtcMessage,
} from './easyrtc.messages.js';
import { nativeMembers } from './easyrtc.native.js';
import { NO_ROOM_DATA, RoomNews } from './easyrtc.room-data.js';
import type { EasyRtcSession } from './easyrtc.session.js';
import { isDeep, isObject } from './easyrtc.validators.js';

/** The arguments of `SocketIoConnection.emit`. */
export interface Emission extends SocketIoArgument {
  readonly name: EasyRtcMessage;
}

/** The `msgType` for each kind of signal. EasyRTC has none for `expire`. */
const TYPE_OF: Readonly<Record<SignalKind, string | undefined>> = {
  offer: 'offer',
  answer: 'answer',
  candidate: 'candidate',
  reject: 'reject',
  hangup: 'hangup',
  leave: 'hangup',
  message: 'message',
  notice: 'notice',
  expire: undefined,
};

/** Signals that EasyRTC sends without `msgData`. */
const BARE = new Set<SignalKind>(['reject', 'hangup', 'leave']);

/** Maximum number of binary parts: socket.io's clients close their connection if there are more. */
const MAX_ATTACHMENTS = 10;

const encoder = new Encoder();

/** Translates between the messages of EasyRTC and signals or room changes. */
@Injectable()
export class EasyRtcCodec implements Protocol {
  readonly name = EASYRTC;
  private readonly news = new RoomNews();

  /**
   * Returns the event and the body of a message. Messages of other names, those that ask for no answer, and those before
   * the first login are ignored.
   * @throws DomainError INVALID_REQUEST, UNKNOWN_EVENT; NOT_AUTHORIZED after a refused login
   */
  decode(message: SocketIoMessage, { client, isRefused }: EasyRtcSession): DecodedFrame | undefined {
    if (!isEasyRtcMessage(message) || !message.asksForAnswer) return undefined;
    if (isRefused) throw new DomainError('NOT_AUTHORIZED', {});
    if (!client && message.name !== EasyRtcMessage.Authenticate) return undefined;
    const { name, body, answer } = message;
    if (name === EasyRtcMessage.Authenticate) {
      const { msgType, msgData } = isObject(body) ? body : {};
      return { event: name, body: { msgType, msgData, answer } };
    }
    if (!isObject(body)) throw badStructure('not an object');
    if (name === EasyRtcMessage.Message) return { event: name, body: { ...body, content: contentOf(message, body) } };
    const { msgType, msgData, targetEasyrtcid } = body;
    if (typeof msgType !== 'string') throw new DomainError('UNKNOWN_EVENT', { event: '' });
    const event = `${name}.${msgType}`;
    const content = targetEasyrtcid === undefined ? undefined : contentOf(message, body);
    const fieldText = event === (EasyRtcEvent.SetRoomApiField as string) ? fieldTextOf(message, msgData) : undefined;
    return { event, body: { msgType, msgData, targetEasyrtcid, content, answer, fieldText } };
  }

  accepts({ kind }: Pick<Signal, 'kind'>): boolean {
    return TYPE_OF[kind] !== undefined;
  }

  typeOf({ native }: Signal): string | undefined {
    return native && (JSON.parse(`{${native.text}}`) as { readonly msgType?: string }).msgType;
  }

  /**
   * Returns the message for a signal.
   * @param to id of the recipient
   */
  encodeSignal(signal: Signal, to: string): Emission {
    const { kind, from, payload, attachments, native } = signal;
    const type = TYPE_OF[kind];
    if (type === undefined) throw new DomainError('UNSUPPORTED_BY_TARGET', { kind });
    const sender = from === '' ? '' : `"senderEasyrtcid":${JSON.stringify(from)},`;
    const carried = BARE.has(kind) ? undefined : payload;
    const own = native?.protocol === EASYRTC ? native.text : foreignMembers(type, signal, to);
    return {
      name: kind === 'message' ? EasyRtcMessage.Message : EasyRtcMessage.Command,
      head: `{${sender}${own},${carried ? '"msgData":' : ''}`,
      payload: carried,
      tail: `${carried ? ',' : ''}${closing(to)}`,
      attachments,
    };
  }

  /**
   * Returns the message for changes that belong together; undefined if the recipient knows all of them.
   * @param to id of the recipient
   */
  encodeRoomChanges(changes: readonly RoomChange[], to: string): Emission | undefined {
    const roomData = this.news.changed(changes, to);
    if (roomData === NO_ROOM_DATA) return undefined;
    const head = `{"msgData":{"roomData":${roomData}},"msgType":"roomData",${closing(to)}`;
    return { name: EasyRtcMessage.Command, head };
  }
}

/**
 * Returns the JSON text of API fields, unchanged if the message has no binary parts; null if they are nested too
 * deeply.
 */
function fieldTextOf({ frame }: EasyRtcIncoming, msgData: unknown): string | null | undefined {
  if (frame) return frame.rawAt('msgData', 'setRoomApiField', 'field')?.toString();
  const request = isObject(msgData) ? msgData.setRoomApiField : undefined;
  const field = isObject(request) ? request.field : undefined;
  return isDeep(field) ? null : JSON.stringify(field);
}

/** Returns `msgData` in the form in which it is forwarded: unchanged if the message has no binary parts. */
function contentOf({ frame }: EasyRtcIncoming, { msgData }: { readonly msgData?: unknown }): Content {
  if (frame) return { payload: frame.raw('msgData') };
  // The time for writing a value grows with the square of its depth.
  if (isDeep(msgData)) throw badStructure('nested too deeply');
  return payloadOf(msgData);
}

/**
 * Returns the payload of a signal for a value with binary parts.
 * @throws DomainError INVALID_REQUEST for a value that is nested too deeply, or has too many binary parts
 */
export function payloadOf(value: unknown): Content {
  if (value === undefined) return {};
  try {
    const [packet, ...attachments] = encoder.encode({ type: PacketType.EVENT, nsp: '/', data: [value] }) as [
      string,
      ...Buffer[],
    ];
    if (attachments.length > MAX_ATTACHMENTS) throw badStructure('too many binary parts');
    const payload = new RawJson(Buffer.from(packet.slice(packet.indexOf('[') + 1, -1)));
    return attachments.length > 0 ? { payload, attachments } : { payload };
  } catch (cause) {
    if (cause instanceof RangeError) throw badStructure('nested too deeply');
    throw cause;
  }
}

function badStructure(reason: string): DomainError {
  return invalidRequest('MSG_REJECT_BAD_STRUCTURE', reason);
}

function foreignMembers(type: string, { kind, from, room, type: named }: Signal, easyrtcid: string): string {
  const msgType = named ?? type;
  // Messages of the server itself name no target.
  if (kind !== 'message' || (from === '' && named !== undefined)) return `"msgType":${JSON.stringify(msgType)}`;
  return nativeMembers(msgType, room === undefined ? { targetEasyrtcid: easyrtcid } : { targetRoom: room })!.text;
}

function closing(easyrtcid: string): string {
  return `"easyrtcid":${JSON.stringify(easyrtcid)},"serverTime":${Date.now()}}`;
}
