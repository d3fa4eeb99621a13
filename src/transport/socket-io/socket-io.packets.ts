import { Encoder, PacketType } from 'socket.io-parser';
import { JsonFrame, secondElement } from '../../common/json-frame.js';
import { parseJson } from '../../common/json-weight.js';

/** The only namespace. */
export const ROOT = '/';

/** First byte of engine.io's packet "message". */
const MESSAGE = 0x34;
/** First bytes of socket.io's packets EVENT and ACK. */
export const EVENT = 0x32;
export const ACK = 0x33;

const SLASH = 0x2f;
const ZERO = 0x30;
const NINE = 0x39;

const encoder = new Encoder();

/** An event that a client has emitted. */
export interface SocketIoEvent {
  readonly name: string;
  /** The event's first argument, which may be anything. */
  readonly body: unknown;
  /** The text of `body`, if that is an object and the event has no binary parts. */
  readonly frame?: JsonFrame;
  /** The id under which the client expects an acknowledgement; undefined if it expects none. */
  readonly ackId?: string;
}

/** Whether an engine.io packet is an event or an acknowledgement in the only namespace, without binary parts. */
export function isPlainMessage(bytes: Buffer): boolean {
  return bytes[0] === MESSAGE && (bytes[1] === EVENT || bytes[1] === ACK) && bytes[2] !== SLASH;
}

/** Whether a socket.io packet is an event in the only namespace, without binary parts. */
export function isPlainEvent(packet: string): boolean {
  return packet.charCodeAt(0) === EVENT && packet.charCodeAt(1) !== SLASH;
}

/**
 * Parses an event.
 * @param packet satisfies `isPlainEvent`
 * @returns undefined for a packet that is no event
 */
export function parseEvent(packet: Buffer): SocketIoEvent | undefined {
  let at = 1;
  while (packet[at]! >= ZERO && packet[at]! <= NINE) at++;
  const json = packet.subarray(at);
  const list = parsed(json);
  if (!Array.isArray(list)) return undefined;
  const body: unknown = list[1];
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  const frame = isObject ? new JsonFrame(json.subarray(secondElement(json)), body) : undefined;
  return eventOf(list, at > 1 ? packet.toString('latin1', 1, at) : undefined, frame);
}

/** Returns the event of a packet's elements, or undefined if they are no event. */
export function eventOf([name, body]: unknown[], ackId?: string, frame?: JsonFrame): SocketIoEvent | undefined {
  if (typeof name !== 'string' && typeof name !== 'number') return undefined;
  return { name: String(name), body, frame, ackId };
}

/**
 * Encodes an acknowledgement.
 * @returns its text, and its binary parts
 */
export function encodeAck(ackId: string, answer: object): [text: string, ...attachments: Buffer[]] {
  const packet = { type: PacketType.ACK, nsp: ROOT, data: [answer] };
  const [text, ...attachments] = encoder.encode(packet) as [string, ...Buffer[]];
  const at = text.indexOf('[');
  return [`${text.slice(0, at)}${ackId}${text.slice(at)}`, ...attachments];
}

/** Encodes the refusal of a namespace. */
export function encodeInvalidNamespace(nsp: string): string {
  const packet = { type: PacketType.CONNECT_ERROR, nsp, data: { message: 'Invalid namespace' } };
  return (encoder.encode(packet) as [string])[0];
}

/** Size of a packet in bytes. */
export function sizeOf(data: string | Buffer | undefined): number {
  return data === undefined ? 0 : Buffer.byteLength(data);
}

/** Returns undefined for text that is not JSON, or that would take too much time or memory to parse. */
function parsed(json: Buffer): unknown {
  try {
    return parseJson(json);
  } catch {
    return undefined;
  }
}
