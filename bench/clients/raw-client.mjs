/** A WebSocket client that costs next to nothing, so that the benchmark measures the server and not the generator. */
import { connect } from 'node:net';
import { pongFrame, textFrame } from './frames.mjs';

const TEXT = 1;
const PING = 9;
/** The read buffer of all sockets: its content is handled before the next read. */
const CHUNK = Buffer.alloc(65_536);
const NOTHING = Buffer.alloc(0);

/** Errors are thrown uncaught on purpose: they end the generator, and the run with it. */
export class RawClient {
  id = '';
  /** Number of messages of this client that the server has not acknowledged yet. */
  unanswered = 0;
  /** @type {(number: number, frame: Buffer) => void} called for a relayed message */
  onRelayed = (number) => {
    throw new Error(`nobody expects message ${number}`);
  };
  /** @type {(change: 'joined' | 'left') => void} called when another client joins or leaves a room */
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

  /** Implemented by each protocol: handles a text frame, whose bytes are reused afterwards. */
  received(frame) {
    throw new Error(`unexpected: ${shown(frame)}`);
  }

  write(bytes) {
    this.#socket.write(bytes);
  }

  send(text) {
    this.write(textFrame(text));
  }

  /** Sends `count` of these frames, numbered from `firstNumber`. */
  relay(numberedFrame, firstNumber, count) {
    this.write(numberedFrame.bytes(firstNumber, count));
  }

  /** Resolves with the frame that the protocol passes to `answer`. Allows one request at a time. */
  ask(text) {
    if (text) this.send(text);
    return new Promise((resolve) => (this.#waiting = resolve));
  }

  /** Returns whether a request was waiting for the frame. */
  answer(frame) {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(Buffer.from(frame));
    return waiting !== undefined;
  }

  /** Destroys the connection without a close frame. */
  cut() {
    this.#socket.removeAllListeners('close').destroy();
  }

  #readChunk(chunk) {
    const data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const rest = this.#isOpen ? this.#readFrames(data) : this.#readHead(data);
    this.#rest = rest.length > 0 ? Buffer.from(rest) : NOTHING;
  }

  /** Returns the unread rest of the data. */
  #readHead(data) {
    const end = data.indexOf('\r\n\r\n');
    if (end === -1) return data;
    if (!data.toString('latin1', 0, 12).startsWith('HTTP/1.1 101')) throw new Error(`refused: ${shown(data)}`);
    this.#isOpen = true;
    return this.#readFrames(data.subarray(end + 4));
  }

  /** Returns the unread rest of the data. */
  #readFrames(received) {
    let data = received;
    // The answers to one chunk are written together.
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
