import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { JsonFrame } from '../../common/json-frame.js';
import type { Protocol } from '../../common/protocols.js';
import { RawJson } from '../../common/raw-json.js';
import type { RoomChange } from '../../common/room.js';
import type { Signal } from '../../common/signal.js';
import type { DecodedFrame } from '../../transport/endpoint/endpoint-core.js';
import { textFrame, type Frame } from '../../transport/websocket/text-frame.js';
import {
  clientAdded,
  clientRemoved,
  connectOffer,
  CONNECTOR,
  ConnectorEvent,
  roomDeleted,
  type RelayRequest,
} from './connector.messages.js';

/** Marks the native text of a `Connect`: its target gets an envelope and not a relayed frame. */
const CONNECT = 'Connect';

/** Members of a request that are not passed on as they are. `from` is the server's to set. */
const OWN_MEMBERS = new Set(['event', 'to', 'room', 'data', 'from']);

/** Names of requests by their spelling in lower case, and one that an old document misspells. */
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

/** Frames of Peer2Peer Connector to neutral signals and room changes, and back. */
@Injectable()
export class ConnectorCodec implements Protocol {
  readonly name = CONNECTOR;

  /** What goes to all members of a room is encoded once. */
  private readonly roomFrames = new WeakMap<RoomChange | Signal, Frame>();

  accepts({ kind, attachments }: Signal): boolean {
    return kind !== 'notice' && !attachments;
  }

  /** @throws DomainError INVALID_MESSAGE, UNKNOWN_EVENT */
  decode(bytes: Buffer, isBinary: boolean): DecodedFrame {
    if (isBinary) throw invalid('Messages must be text frames.');
    const frame = parse(bytes);
    const name = frame.value.event;
    if (name === undefined) throw invalid("'event' field not found");
    if (typeof name !== 'string') throw invalid("'event' field is not a string");
    const event = EVENTS.get(name) ?? EVENTS.get(name.toLowerCase());
    if (event === undefined) throw new DomainError('UNKNOWN_EVENT', { event: name });
    if (RELAYED.has(event)) return { event, body: relayed(frame, name) };
    return { event, body: event === ConnectorEvent.Connect ? connecting(frame) : frame.value };
  }

  /** The neutral form of a relayed request. */
  signal(kind: Signal['kind'], from: string, { payload, members }: Pick<RelayRequest, 'payload' | 'members'>): Signal {
    return { kind, from, payload, native: { protocol: CONNECTOR, text: members } };
  }

  /** The neutral form of a `Connect`: an offer that carries a candidate, too. */
  connectSignal(from: string, payload: Signal['payload']): Signal {
    return { kind: 'offer', from, payload, native: { protocol: CONNECTOR, text: CONNECT } };
  }

  /** One frame for all members, if it goes to a room. */
  encodeSignal(signal: Signal): Frame {
    return signal.room === undefined ? frameOf(signal) : this.once(signal, frameOf)!;
  }

  /** One frame for all members; undefined if the protocol has no word for the change. */
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
  // Changes of what other protocols show of a room have no word here.
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

function parse(bytes: Buffer): JsonFrame {
  try {
    return new JsonFrame(bytes);
  } catch (error) {
    if (error instanceof RangeError) throw invalid('The message holds too many values.');
    throw invalid(error instanceof TypeError ? 'The message is not a JSON object.' : 'The message is not valid JSON.');
  }
}

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

/** The text of `event`, as the sender wrote it, and of the members that the protocol does not name. */
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
