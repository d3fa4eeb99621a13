import { isUtf8 } from 'node:buffer';
import { MASK_BYTES, unmasked } from './unmask.js';

/** FIN, no extension, opcode 1: a message of text in one frame. */
const WHOLE_TEXT = 0x81;
const FIN = 0x80;
const MASKED = 0x80;
const OPCODE = 0x0f;
const CLOSE = 8;

/** Whom a FrameReader reads for. */
export interface FrameOwner {
  /** Takes a message: valid UTF-8, on bytes of its own. */
  receivedText(bytes: Buffer): void;
  /** Takes what is no whole message of text: pieces of frames as they came, in order; views of what was read. */
  receivedOther(bytes: Buffer): void;
}

/**
 * Finds, in what a client sends, the messages of text that lie in one frame and in one chunk: nearly all. Whatever else a
 * client may send (RFC 6455, 5.2), well-formed or not, and what follows it in the same chunk, is for a reader that knows
 * everything.
 */
export class FrameReader {
  /** The beginning of a frame whose header is not complete. */
  private rest?: Buffer;
  /** Bytes that are still to come of a frame that is not ours, and its kind. */
  private otherBytes = 0;
  private otherOpcode = 0;
  /** Whether a message in several frames is under way. */
  private isFragmented = false;
  /** Whether others have got something of this chunk. If it was wrong, it will show only after the chunk. */
  private isForOthers = false;
  private isStopped = false;

  constructor(
    private readonly owner: FrameOwner,
    private readonly maxBytes: number,
  ) {}

  /** From now on nothing is read any more. */
  stop(): void {
    this.isStopped = true;
    this.rest = undefined;
  }

  read(received: Buffer): void {
    const chunk = this.rest ? Buffer.concat([this.rest, received]) : received;
    this.rest = undefined;
    this.isForOthers = false;
    let at = 0;
    while (at < chunk.length && !this.isStopped) {
      const next = this.otherBytes > 0 ? this.passOn(chunk, at) : this.readFrame(chunk, at);
      if (next === undefined) {
        // Of its own: a view would keep the whole chunk.
        this.rest = Buffer.from(chunk.subarray(at));
        return;
      }
      at = next;
    }
  }

  /** Returns where the frame ends, or what of it was read; undefined if its header is not complete. */
  private readFrame(chunk: Buffer, at: number): number | undefined {
    const available = chunk.length - at;
    if (available < 2) return undefined;
    const first = chunk[at];
    const second = chunk[at + 1];
    let length = second & 0x7f;
    const lengthBytes = length === 126 ? 2 : length === 127 ? 8 : 0;
    const headerBytes = 2 + lengthBytes + (second & MASKED ? MASK_BYTES : 0);
    if (available < headerBytes) return undefined;
    if (lengthBytes === 2) length = chunk.readUInt16BE(at + 2);
    // Not exact beyond what any frame may have: whoever reads it then ends the connection.
    else if (lengthBytes === 8) length = Number(chunk.readBigUInt64BE(at + 2));

    const start = at + headerBytes;
    const end = start + length;
    const isText = first === WHOLE_TEXT && second & MASKED && !this.isFragmented && length <= this.maxBytes;
    if (isText && !this.isForOthers && end <= chunk.length) {
      const message = unmasked(chunk, start, end);
      if (isUtf8(message)) {
        this.owner.receivedText(message);
        return end;
      }
    }
    this.otherOpcode = first & OPCODE;
    if (this.otherOpcode < CLOSE) this.isFragmented = (first & FIN) === 0;
    this.otherBytes = headerBytes + length;
    return this.passOn(chunk, at);
  }

  private passOn(chunk: Buffer, at: number): number {
    this.isForOthers = true;
    const end = Math.min(at + this.otherBytes, chunk.length);
    this.otherBytes -= end - at;
    this.owner.receivedOther(chunk.subarray(at, end));
    // What follows a close frame is nobody's.
    if (this.otherBytes === 0 && this.otherOpcode === CLOSE) this.stop();
    return end;
  }
}
