const FIN_TEXT = 0x81;
const FIN_BINARY = 0x82;
const EMPTY = Buffer.alloc(0);

declare const HEADED: unique symbol;

/**
 * A whole WebSocket frame with its header, as `textFrame`, `jsonFrame` and `binaryFrame` build it. It can be written to
 * any number of sockets. Other buffers are no frames, and would break the stream of a client.
 */
export type Frame = Buffer & { readonly [HEADED]: true };

/** Whether bytes begin as a frame does. No text begins so: it would not be UTF-8. */
export function isFrame(bytes: Buffer): bytes is Frame {
  return bytes[0] === FIN_TEXT || bytes[0] === FIN_BINARY;
}

/**
 * Builds a text frame from a head, a payload that is copied unchanged, and a tail. A server does not mask its frames
 * (RFC 6455, 5.1).
 */
export function textFrame(head: string, payload: Buffer = EMPTY, tail = ''): Frame {
  const headLength = Buffer.byteLength(head);
  const tailLength = Buffer.byteLength(tail);
  const frame = emptyFrame(FIN_TEXT, headLength + payload.length + tailLength);
  const start = frame.length - headLength - payload.length - tailLength;
  frame.write(head, start);
  payload.copy(frame, start + headLength);
  if (tailLength > 0) frame.write(tail, start + headLength + payload.length);
  return frame;
}

/** Builds the same text frame in parts, so that a large payload is not copied for each of its recipients. */
export function textParts(head: string, payload: Buffer, tail: string): Buffer[] {
  const headLength = Buffer.byteLength(head);
  const tailBytes = Buffer.from(tail);
  const start = emptyFrame(FIN_TEXT, headLength + payload.length + tailBytes.length, headLength);
  start.write(head, start.length - headLength);
  return [start, payload, tailBytes];
}

/** Builds a binary frame. */
export function binaryFrame(payload: Uint8Array): Frame {
  const frame = emptyFrame(FIN_BINARY, payload.length);
  frame.set(payload, frame.length - payload.length);
  return frame;
}

/** Returns the size of a frame's payload in bytes. */
export function carriedLength(frame: Frame): number {
  return frame.length - (frame[1]! < 126 ? 2 : frame[1] === 126 ? 4 : 10);
}

/** Returns the header for a payload of `length` bytes, followed by `room` bytes to fill. */
function emptyFrame(first: number, length: number, room = length): Frame {
  const headerLength = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerLength + room) as Frame;
  frame[0] = first;
  if (headerLength === 2) {
    frame[1] = length;
  } else if (headerLength === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt32BE(0, 2);
    frame.writeUInt32BE(length, 6);
  }
  return frame;
}

/** Builds a text frame that holds a value as JSON. */
export function jsonFrame(value: unknown): Frame {
  return textFrame(JSON.stringify(value));
}

/** Returns the text that a text frame carries. */
export function carriedText(frame: Frame): string {
  return frame.toString('utf8', frame.length - carriedLength(frame));
}
