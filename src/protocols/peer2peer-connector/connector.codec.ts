import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { JsonFrame } from '../../common/json-frame.js';
import type { Protocol } from '../../common/protocols.js';
import { RawJson } from '../../common/raw-json.js';
import type { RoomChange } from '../../common/room.js';
import type { Signal } from '../../common/signal.js';
import type { DecodedFrame } from '../../transport/endpoint/endpoint-core.js';
import { decodeJson } from '../../transport/websocket/decode-json.js';
import { type Frame, textFrame } from '../../transport/websocket/text-frame.js';
import {
  clientAdded,
  clientRemoved,
  connectOffer,
  CONNECTOR,
  ConnectorEvent,
  type RelayRequest,
  roomDeleted,
} from './connector.messages.js';

/** The native text of a `Connect`. Its target gets an envelope and not a relayed frame. */
const CONNECT = 'Connect';

/** Members of a request that are not forwarded unchanged. The server itself sets `from`. */
const OWN_MEMBERS = new Set(['event', 'to', 'room', 'data', 'from']);

/** The requests by their names in lower case. The README of the original server misspells one of them. */
const EVENTS = new Map<string, ConnectorEvent>([
  ...Object.values(ConnectorEvent).map((event) => [event.toLowerCase(), event] as const),
  ['create_rom', ConnectorEvent.CreateRoom],
]);

const RELAYED = new Set<ConnectorEvent>([
  ConnectorEvent.Offer,
  ConnectorEvent.Answer,
  ConnectorEvent.Candidate,
  ConnectorEvent.Message,
]);

/** Translates between the frames of Peer2Peer Connector and signals or room changes. */
@Injectable()
export class ConnectorCodec implements Protocol {
  readonly name = CONNECTOR;

  /** Frames that go to all members of a room: each is encoded once. */
  private readonly roomFrames = new WeakMap<RoomChange | Signal, Frame>();

  accepts({ kind, attachments }: Signal): boolean {
    return kind !== 'notice' && !attachments;
  }

  /** @throws DomainError INVALID_MESSAGE, UNKNOWN_EVENT */
  decode(bytes: Buffer, isBinary: boolean): DecodedFrame {
    const frame = decodeJson(bytes, isBinary);
    const name = frame.value.event;
    if (name === undefined) throw invalid("'event' field not found");
    if (typeof name !== 'string') throw invalid("'event' field is not a string");
    const event = EVENTS.get(name) ?? EVENTS.get(name.toLowerCase());
    if (event === undefined) throw new DomainError('UNKNOWN_EVENT', { event: name });
    if (RELAYED.has(event)) return { event, body: relayed(frame, name) };
    return { event, body: event === ConnectorEvent.Connect ? connecting(frame) : frame.value };
  }

  /** Returns the signal for a relayed request. */
  signal(kind: Signal['kind'], from: string, { payload, members }: Pick<RelayRequest, 'payload' | 'members'>): Signal {
    return { kind, from, payload, native: { protocol: CONNECTOR, text: members } };
  }

  /** Returns the signal for a `Connect`: an offer that also carries a candidate. */
  connectSignal(from: string, payload: Signal['payload']): Signal {
    return { kind: 'offer', from, payload, native: { protocol: CONNECTOR, text: CONNECT } };
  }

  /** Returns the frame for a signal. All members of a room share one frame. */
  encodeSignal(signal: Signal): Frame {
    return signal.room === undefined ? frameOf(signal) : this.once(signal, frameOf)!;
  }

  /** Returns the frame for a change, which all members share; undefined if the protocol has none for the change. */
  encodeRoomChange(change: RoomChange): Frame | undefined {
    return this.once(change, ({ kind, room }) => ROOM_FRAMES[kind]?.(room));
  }

  private once<T extends RoomChange | Signal>(
    message: T,
    encode: (message: T) => Frame | undefined,
  ): Frame | undefined {
    const known = this.roomFrames.get(message);
    if (known) return known;
    const frame = encode(message);
    if (frame) this.roomFrames.set(message, frame);
    return frame;
  }
}

function frameOf({ from, room, payload, native, kind }: Signal): Frame {
  if (native?.protocol === CONNECTOR && native.text === CONNECT && payload) return connectOffer(from, payload);
  const members = native?.protocol === CONNECTOR ? native.text : `"event":"${EVENT_OF[kind]}"`;
  const roomMember = room === undefined ? '' : `,"room":${JSON.stringify(room)}`;
  const head = `{${members},"from":${JSON.stringify(from)}${roomMember}`;
  return payload ? textFrame(`${head},"data":`, payload.bytes, '}') : textFrame(`${head}}`);
}

const ROOM_FRAMES = {
  joined: clientAdded,
  left: clientRemoved,
  ended: roomDeleted,
  // The protocol does not show the attributes of rooms and members.
  created: undefined,
  moved: undefined,
  updated: undefined,
} as const;

const EVENT_OF: Record<Signal['kind'], string> = {
  offer: 'Offer',
  answer: 'Answer',
  candidate: 'Candidate',
  message: 'Message',
  leave: 'Leave',
  hangup: 'Hangup',
  reject: 'Reject',
  expire: 'Expire',
  notice: 'Notice',
};

function relayed(frame: JsonFrame, event: string): object {
  const { to, room } = frame.value;
  return { to, room, payload: frame.raw('data'), members: passedOn(frame, event) };
}

function connecting(frame: JsonFrame): object {
  const { to, data } = frame.value;
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return { to, data };
  const members = new JsonFrame(frame.raw('data')!.bytes);
  const [sdp, candidate] = [members.raw('sdp'), members.raw('candidate')];
  const payload = sdp && candidate && new RawJson(joined('{"sdp":', sdp, ',"candidate":', candidate, '}'));
  return { to, data, payload };
}

function joined(...parts: (string | RawJson)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part.bytes)));
}

/** Returns the JSON text of `event`, as the sender wrote it, and of all members that the protocol does not name. */
function passedOn(frame: JsonFrame, event: string): string {
  let text = `"event":${JSON.stringify(event)}`;
  if (Object.keys(frame.value).every((name) => OWN_MEMBERS.has(name))) return text;
  for (const [name, raw] of frame.members()) {
    if (!OWN_MEMBERS.has(name)) text += `,${JSON.stringify(name)}:${raw.toString()}`;
  }
  return text;
}

function invalid(reason: string): DomainError {
  return new DomainError('INVALID_MESSAGE', { reason });
}
