export const CONTINUATION = 0;
export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

const FIN = 0x80;
const MASK = [0x5a, 0x13, 0xc7, 0x2e];

/** Deviations of a client frame from the usual form. */
export interface Shape {
  readonly fin?: boolean;
  /** The reserved bits: 4 is RSV1, 2 RSV2, 1 RSV3. */
  readonly rsv?: number;
  /** Undefined for a frame without a mask. */
  readonly mask?: readonly number[] | undefined;
  /** Bytes of the extended length. */
  readonly lengthBytes?: 0 | 2 | 8;
  /** Length in the header, if it differs from the payload's. */
  readonly announced?: bigint;
}

/** Builds a client frame. */
export function frame(opcode: number, payload: string | Buffer = '', shape: Shape = {}): Buffer {
  const bytes = Buffer.from(payload);
  const { fin = true, rsv = 0, announced = BigInt(bytes.length) } = shape;
  const mask = 'mask' in shape ? shape.mask : MASK;
  const { lengthBytes = announced < 126n ? 0 : announced < 65_536n ? 2 : 8 } = shape;
  const header = Buffer.alloc(2 + lengthBytes);
  header[0] = (fin ? FIN : 0) | (rsv << 4) | opcode;
  header[1] = (mask ? 0x80 : 0) | (lengthBytes === 0 ? Number(announced) : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) header.writeUInt16BE(Number(announced), 2);
  if (lengthBytes === 8) header.writeBigUInt64BE(announced, 2);
  if (!mask) return Buffer.concat([header, bytes]);
  return Buffer.concat([header, Buffer.from(mask), bytes.map((byte, i) => byte ^ mask[i % 4])]);
}

/** Builds a message in frames that end at these offsets of its payload. */
export function fragments(payload: Buffer, cuts: readonly number[], opcode = TEXT): Buffer[] {
  const ends = [...cuts, payload.length];
  return ends.map((end, i) =>
    frame(i === 0 ? opcode : CONTINUATION, payload.subarray(i === 0 ? 0 : ends[i - 1], end), {
      fin: i === ends.length - 1,
    }),
  );
}

/** Builds the payload of a close frame. */
export function closing(code: number, reason: string | Buffer = ''): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]);
}

/** A frame of the server. */
export interface ServerFrame {
  readonly opcode: number;
  readonly payload: Buffer;
  /** Offset of its end in the bytes read. */
  readonly end: number;
}

/**
 * Reads a server frame. Returns undefined if it is incomplete.
 * @throws Error for frames with extensions, masks or fragments, which this server does not send (RFC 6455, 5.1, 5.2)
 */
export function readFrame(bytes: Buffer, at: number): ServerFrame | undefined {
  if (bytes.length < at + 2) return undefined;
  const [first, second] = bytes.subarray(at, at + 2);
  const lengthBytes = second === 126 ? 2 : second === 127 ? 8 : 0;
  const start = at + 2 + lengthBytes;
  if (bytes.length < start) return undefined;
  const length = lengthBytes === 0 ? second : Number(`0x${bytes.toString('hex', at + 2, start)}`);
  if ((first & 0xf0) !== FIN || second > 127) throw new Error(`the server sent a frame that begins ${first} ${second}`);
  if (lengthBytes !== (length < 126 ? 0 : length < 65_536 ? 2 : 8)) {
    throw new Error(`the server wrote the length ${length} in ${lengthBytes} bytes`);
  }
  const end = start + length;
  return bytes.length < end ? undefined : { opcode: first & 15, payload: bytes.subarray(start, end), end };
}
