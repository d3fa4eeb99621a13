import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { CLOSE, PONG, readFrame, TEXT } from './frames.js';

const END_OF_HEAD = '\r\n\r\n';

/** Bytes to send in order. Each piece is a TCP segment of its own. */
export type Pieces = readonly Buffer[];

/** An event of the server: a message, a pong (in hexadecimal), a close frame (its code, or nothing). */
export interface ServerEvent {
  readonly kind: 'text' | 'pong' | 'close';
  readonly value: string;
}

/** A WebSocket client that sends raw bytes and records what the server sends. */
export class RawSocket {
  /** Head of the handshake response. */
  head = '';
  /** Events of the server, in order. */
  readonly events: ServerEvent[] = [];
  isClosed = false;
  /** Error in a frame of the server. */
  fault?: Error;

  private received = Buffer.alloc(0);
  private changed = (): void => undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    // Tests look at what the server has sent.
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    socket.on('close', () => {
      this.isClosed = true;
      this.changed();
    });
  }

  static async connect(port: number): Promise<RawSocket> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawSocket(socket);
  }

  async send(pieces: Pieces): Promise<void> {
    for (const piece of pieces) {
      if (!this.socket.writable) return;
      this.socket.write(piece);
      // By then the server, in the same process, has read the piece.
      if (pieces.length > 1) await new Promise(setImmediate);
    }
  }

  /**
   * Waits until `isSo` returns true, the server has closed, or it has sent an invalid frame.
   * @throws Error on a timeout
   */
  async until(isSo: () => boolean, patienceMs: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`nothing more for ${patienceMs} ms`)), patienceMs);
      this.changed = () => {
        if (!isSo() && !this.isClosed && !this.fault) return;
        clearTimeout(timer);
        resolve();
      };
      this.changed();
    });
  }

  destroy(): void {
    this.socket.destroy();
  }

  private read(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk]);
    if (this.head === '') {
      const end = this.received.indexOf(END_OF_HEAD);
      if (end === -1) return;
      this.head = this.received.toString('latin1', 0, end);
      this.received = this.received.subarray(end + END_OF_HEAD.length);
    }
    try {
      this.readFrames();
    } catch (error) {
      this.fault = error as Error;
    }
    this.changed();
  }

  private readFrames(): void {
    let at = 0;
    for (let next = readFrame(this.received, at); next; next = readFrame(this.received, at)) {
      const { opcode, payload } = next;
      at = next.end;
      if (opcode === TEXT) this.events.push({ kind: 'text', value: payload.toString() });
      else if (opcode === PONG) this.events.push({ kind: 'pong', value: payload.toString('hex') });
      else if (opcode === CLOSE) this.events.push({ kind: 'close', value: codeIn(payload) });
    }
    this.received = this.received.subarray(at);
  }
}

function codeIn(payload: Buffer): string {
  return payload.length === 0 ? '' : String(payload.readUInt16BE(0));
}
