/** A WebSocket client that costs next to nothing, so that the generator is not what is measured. */
import { connect } from 'node:net';
import { pongFrame, textFrame } from './frames.mjs';

const TEXT = 1;
const PING = 9;
/** What any socket reads: it is handled before the next one reads. */
const CHUNK = Buffer.alloc(65_536);
const NOTHING = Buffer.alloc(0);

/** Whatever is wrong is thrown where nobody catches it: it ends the generator, and the run with it. */
export class RawClient {
  id = '';
  /** Messages of this client that the server has yet to acknowledge. */
  unanswered = 0;
  /** @type {(number: number, frame: Buffer) => void} what to do with a relayed message */
  onRelayed = (number) => {
    throw new Error(`nobody expects message ${number}`);
  };
  /** @type {(change: 'joined' | 'left') => void} what to do when another client joins or leaves a room */
  onRoomChange = () => {};

  #socket;
  #rest = NOTHING;
  #waiting;
  #isOpen = false;

  constructor(port, path) {
    const callback = (length) => {
      this.#readChunk(CHUNK.subarray(0, length));
      return true;
    };
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer: CHUNK, callback } });
    this.#socket.on('close', () => {
      throw new Error(`the server closed a connection of ${this.id || 'a client that was not ready yet'}`);
    });
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
  }

  /** Each protocol has its own: a frame of text has come; its bytes are gone afterwards. */
  received(frame) {
    throw new Error(`unexpected: ${shown(frame)}`);
  }

  write(bytes) {
    this.#socket.write(bytes);
  }

  send(text) {
    this.write(textFrame(text));
  }

  /** Sends `count` of these frames, numbered from `firstNumber` on. */
  relay(numberedFrame, firstNumber, count) {
    this.write(numberedFrame.bytes(firstNumber, count));
  }

  /** Resolves with the frame that the protocol passes to `answer`. One question at a time. */
  ask(text) {
    if (text) this.send(text);
    return new Promise((resolve) => (this.#waiting = resolve));
  }

  /** Whether somebody waited for it. */
  answer(frame) {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(Buffer.from(frame));
    return waiting !== undefined;
  }

  /** Ends the connection without a word. */
  cut() {
    this.#socket.removeAllListeners('close').destroy();
  }

  #readChunk(chunk) {
    const data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const rest = this.#isOpen ? this.#readFrames(data) : this.#readHead(data);
    this.#rest = rest.length > 0 ? Buffer.from(rest) : NOTHING;
  }

  /** What is left of the data. */
  #readHead(data) {
    const end = data.indexOf('\r\n\r\n');
    if (end === -1) return data;
    if (!data.toString('latin1', 0, 12).startsWith('HTTP/1.1 101')) throw new Error(`refused: ${shown(data)}`);
    this.#isOpen = true;
    return this.#readFrames(data.subarray(end + 4));
  }

  /** What is left of the data. */
  #readFrames(received) {
    let data = received;
    // What is answered to one chunk goes out in one piece.
    this.#socket.cork();
    while (data.length >= 2) {
      let length = data[1] & 127;
      let start = 2;
      if (length === 126) {
        if (data.length < 4) break;
        length = data.readUInt16BE(2);
        start = 4;
      } else if (length === 127) {
        if (data.length < 10) break;
        length = Number(data.readBigUInt64BE(2));
        start = 10;
      }
      if (data.length < start + length) break;
      const payload = data.subarray(start, start + length);
      const type = data[0] & 15;
      if (type === TEXT) this.received(payload);
      else if (type === PING) this.write(pongFrame(payload));
      data = data.subarray(start + length);
    }
    this.#socket.uncork();
    return data;
  }
}

export function shown(frame) {
  return frame.toString('utf8', 0, 300);
}
