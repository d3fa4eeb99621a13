const FIN_TEXT = 0x81;
const FIN_BINARY = 0x82;
const EMPTY = Buffer.alloc(0);

/** A whole WebSocket frame, header included, ready to be written to a socket; to as many sockets as one likes. */
export type Frame = Buffer;

/**
 * Builds a text frame from a head, a payload that is copied as it is, and a tail.
 * A server's frames are not masked (RFC 6455, 5.1), so that all of it is this header and the text.
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

/** The same text frame in parts, so that a large payload which goes to many is not copied for each of them. */
export function textParts(head: string, payload: Buffer, tail: string): Buffer[] {
  const headLength = Buffer.byteLength(head);
  const tailBytes = Buffer.from(tail);
  const start = emptyFrame(FIN_TEXT, headLength + payload.length + tailBytes.length, headLength);
  start.write(head, start.length - headLength);
  return [start, payload, tailBytes];
}

/** A binary frame. */
export function binaryFrame(payload: Uint8Array): Frame {
  const frame = emptyFrame(FIN_BINARY, payload.length);
  frame.set(payload, frame.length - payload.length);
  return frame;
}

/** How many bytes a frame carries. */
export function carriedLength(frame: Frame): number {
  return frame.length - (frame[1]! < 126 ? 2 : frame[1] === 126 ? 4 : 10);
}

/** The header for so many bytes, and room for them, or for the first of them. */
function emptyFrame(first: number, length: number, room = length): Frame {
  const headerLength = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerLength + room);
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

/** A text frame that holds a value as JSON. */
export function jsonFrame(value: unknown): Frame {
  return textFrame(JSON.stringify(value));
}
