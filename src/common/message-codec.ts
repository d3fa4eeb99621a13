import type { BusMessage } from './message-bus.js';
import { RawJson } from './raw-json.js';
import type { Signal } from './signal.js';

// Format of a message: length of the head (4 bytes), head (JSON), then the payload and the attachments of its signal.
// Both stay the raw bytes of the socket: inside JSON they would have to be escaped here and parsed by the receiver.

const LENGTH_BYTES = 4;

/** Lengths of the payload and of each attachment, which follow the head. */
interface Carried {
  readonly payload?: number;
  readonly attachments?: readonly number[];
}

interface Head extends Carried {
  readonly message: object;
}

/** Encodes a message, with the payload and the attachments of its signal if it has one. */
function pack(message: object, signal?: Signal): Buffer {
  const { payload, attachments } = signal ?? {};
  const head: Head = { message, payload: payload?.bytes.length, attachments: attachments?.map(({ length }) => length) };
  const text = JSON.stringify(head);
  const length = Buffer.byteLength(text);
  const parts = [...(payload ? [payload.bytes] : []), ...(attachments ?? [])];
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES + length + parts.reduce((sum, part) => sum + part.length, 0));
  bytes.writeUInt32BE(length);
  bytes.write(text, LENGTH_BYTES);
  let at = LENGTH_BYTES + length;
  for (const part of parts) at += part.copy(bytes, at);
  return bytes;
}

/** Decodes a message. Payload and attachments are views of its bytes, not copies. */
function unpack(bytes: Buffer): { message: object; carried: { payload?: RawJson; attachments?: readonly Buffer[] } } {
  const start = LENGTH_BYTES + bytes.readUInt32BE();
  const { message, payload, attachments } = JSON.parse(bytes.toString('utf8', LENGTH_BYTES, start)) as Head;
  let at = start;
  const next = (length: number): Buffer => bytes.subarray(at, (at += length));
  const carried: { payload?: RawJson; attachments?: readonly Buffer[] } = {};
  if (payload !== undefined) carried.payload = new RawJson(next(payload));
  if (attachments) carried.attachments = attachments.map(next);
  return { message, carried };
}

/** Encodes a signal, which may then be changed: the bytes are a copy. */
export function encodeSignal(signal: Signal): Buffer {
  return pack(bare(signal), signal);
}

/** Decodes a signal. Payload and attachments are views of the bytes, not copies. */
export function decodeSignal(bytes: Buffer): Signal {
  const { message, carried } = unpack(bytes);
  return { ...(message as Signal), ...carried };
}

/** Encodes a message between nodes, which may then be changed: the bytes are a copy. */
export function encodeMessage(message: BusMessage): Buffer {
  return 'signal' in message ? pack({ ...message, signal: bare(message.signal) }, message.signal) : pack(message);
}

/** Decodes a message between nodes. Payload and attachments of its signal are views of the bytes, not copies. */
export function decodeMessage(bytes: Buffer): BusMessage {
  const { message, carried } = unpack(bytes);
  const decoded = message as BusMessage;
  return 'signal' in decoded ? ({ ...decoded, signal: { ...decoded.signal, ...carried } } as BusMessage) : decoded;
}

function bare({ kind, from, room, type, native }: Signal): Signal {
  return { kind, from, room, type, native };
}

/**
 * Concatenates messages, each behind its length (4 bytes). As one value of a command they cost one argument to encode,
 * send and parse, however many there are.
 */
export function joinMessages(messages: readonly Buffer[]): Buffer {
  const bytes = Buffer.allocUnsafe(messages.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0));
  let at = 0;
  for (const message of messages) {
    at = bytes.writeUInt32BE(message.length, at);
    at += message.copy(bytes, at);
  }
  return bytes;
}

/** Splits concatenated messages. They are views of the bytes, not copies. */
export function splitMessages(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const start = at + LENGTH_BYTES;
    at = start + bytes.readUInt32BE(at);
    messages.push(bytes.subarray(start, at));
  }
  return messages;
}
