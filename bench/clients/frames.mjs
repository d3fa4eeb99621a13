/** WebSocket frames of a client, masked like those of a browser. A mask of zeros would save the server work. */

const MASK = [0x5a, 0x13, 0xc7, 0x2e];
const TEXT = 0x81;
const PONG = 0x8a;

/** The number of the first message. All numbers have the same number of digits. */
export const FIRST_NUMBER = 10_000_000;
const DIGITS = 8;

export const textFrame = (text) => frame(TEXT, Buffer.from(text));

export const pongFrame = (payload) => frame(PONG, payload);

/** Frames that differ only in a number: encoded once, then copied. */
export class NumberedFrame {
  #template;
  /** Offsets of the digits. */
  #places = [];

  /** @param {string} text contains `FIRST_NUMBER` in the places of the number */
  constructor(text) {
    this.#template = textFrame(text);
    const start = this.#template.length - text.length;
    for (let at = text.indexOf(FIRST_NUMBER); at !== -1; at = text.indexOf(FIRST_NUMBER, at + DIGITS)) {
      for (let i = 0; i < DIGITS; i++) this.#places.push({ at: start + at + i, digit: i, mask: MASK[(at + i) % 4] });
    }
  }

  /** Returns the frames of `count` consecutive messages. */
  bytes(firstNumber, count) {
    const { length } = this.#template;
    const bytes = Buffer.allocUnsafe(length * count);
    for (let i = 0; i < count; i++) {
      this.#template.copy(bytes, i * length);
      const digits = String(firstNumber + i);
      for (const { at, digit, mask } of this.#places) bytes[i * length + at] = digits.charCodeAt(digit) ^ mask;
    }
    return bytes;
  }
}

function frame(type, payload) {
  const isShort = payload.length < 126;
  const start = isShort ? 6 : 8;
  const bytes = Buffer.alloc(start + payload.length);
  bytes[0] = type;
  bytes[1] = 0x80 | (isShort ? payload.length : 126);
  if (!isShort) bytes.writeUInt16BE(payload.length, 2);
  bytes.set(MASK, start - 4);
  for (let i = 0; i < payload.length; i++) bytes[start + i] = payload[i] ^ MASK[i % 4];
  return bytes;
}
