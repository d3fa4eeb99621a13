import { isUtf8 } from 'node:buffer';
import { PartialFrame } from './partial-frame.js';
import { MASK_BYTES, unmasked } from './unmask.js';
import { Utf8Pieces } from './utf8-pieces.js';

/** FIN, no extension, opcode 1: a message of text in one frame. */
const WHOLE_TEXT = 0x81;
const FIN = 0x80;
const RESERVED = 0x70;
const MASKED = 0x80;
const OPCODE = 0x0f;

const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PONG = 10;

/** The longest payload of a control frame, and the longest that the second byte of a frame tells. */
const SHORT = 125;

/** What reads for a FrameReader. */
export interface FrameOwner {
  /** Takes a message: valid UTF-8, on bytes of its own. */
  receivedText(bytes: Buffer): void;
  /**
   * Takes a whole frame that is no message of text by itself.
   * @param first byte of the frame: FIN and opcode
   * @param payload unmasked, on bytes of its own
   */
  receivedFrame(first: number, payload: Buffer): void;
  /** Takes what is not well-formed, and whatever follows it: bytes as they came, a view of what was read. */
  receivedOther(bytes: Buffer): void;
}

/**
 * Finds the frames in what a client sends (RFC 6455, 5.2), in whatever pieces it comes, and of these the messages of text
 * that lie in one frame: nearly all. Each byte is looked at once. Text is checked as it comes, so that what can not become
 * UTF-8 is not waited for (8.1). What a frame means, and what is wrong with it, is for a reader that knows everything.
 */
export class FrameReader {
  /** The beginning of a frame whose header is not complete. */
  private rest?: Buffer;
  /** The frame whose payload is not complete. */
  private frame?: PartialFrame;
  /** Checks the message of text that is not complete. */
  private text?: Utf8Pieces;
  /** Whether a message in several frames is under way. */
  private isFragmented = false;
  /** Bytes of the payloads of the message that is under way, as announced. */
  private messageBytes = 0;
  /** Bytes of its frames that are complete. */
  private fragmentBytes = 0;
  /** Whether others have got something of this chunk. If it was wrong, it will show only after the chunk. */
  private isForOthers = false;
  /** Whether something was not well-formed: nothing behind it is looked at here. */
  private isBroken = false;
  private isStopped = false;

  constructor(
    private readonly owner: FrameOwner,
    private readonly maxBytes: number,
  ) {}

  /** From now on nothing is read any more. */
  stop(): void {
    this.isStopped = true;
    this.rest = undefined;
    this.frame = undefined;
    this.text = undefined;
    this.fragmentBytes = 0;
  }

  /** Bytes of memory that frames and messages hold whose end has not come; 0 only if there are none. */
  get unfinishedBytes(): number {
    return (this.rest?.length ?? 0) + (this.frame?.heldBytes ?? 0) + this.fragmentBytes;
  }

  read(received: Buffer): void {
    if (this.isBroken && !this.isStopped) {
      this.owner.receivedOther(received);
      return;
    }
    const chunk = this.rest ? Buffer.concat([this.rest, received]) : received;
    this.rest = undefined;
    this.isForOthers = false;
    let at = 0;
    while (at < chunk.length && !this.isStopped) {
      const next = this.frame ? this.readPayload(this.frame, chunk, at) : this.readFrame(chunk, at);
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
    if (chunk.length - at < 2) return undefined;
    const first = chunk[at]!;
    const second = chunk[at + 1]!;
    if (!this.isWellFormed(first, second)) return this.leave(chunk, at);
    let length = second & 0x7f;
    const lengthBytes = length === 126 ? 2 : length === 127 ? 8 : 0;
    const start = at + 2 + lengthBytes + MASK_BYTES;
    if (start > chunk.length) return undefined;
    if (lengthBytes === 2) length = chunk.readUInt16BE(at + 2);
    // Not exact beyond what any frame may have.
    else if (lengthBytes === 8) length = Number(chunk.readBigUInt64BE(at + 2));

    const end = start + length;
    const isData = (first & OPCODE) < CLOSE;
    if (isData && this.messageBytes + length > this.maxBytes) return this.leave(chunk, at);
    if (first === WHOLE_TEXT && !this.isForOthers && end <= chunk.length) {
      const message = unmasked(chunk, start, end);
      if (isUtf8(message)) {
        this.owner.receivedText(message);
        return end;
      }
    }
    if (isData) this.noteStart(first, length);
    const frame = new PartialFrame(first, Buffer.from(chunk.subarray(start - MASK_BYTES, start)), length);
    return this.readPayload(frame, chunk, start);
  }

  /** Whether a frame may begin so, here. */
  private isWellFormed(first: number, second: number): boolean {
    if (first & RESERVED || !(second & MASKED)) return false;
    const opcode = first & OPCODE;
    if (opcode === CONTINUATION) return this.isFragmented;
    if (opcode <= BINARY) return !this.isFragmented;
    const length = second & 0x7f;
    if (opcode < CLOSE || opcode > PONG || !(first & FIN) || length > SHORT) return false;
    return opcode !== CLOSE || length !== 1;
  }

  /** Notes the start of a frame of a message. */
  private noteStart(first: number, length: number): void {
    if ((first & OPCODE) === TEXT) this.text = new Utf8Pieces();
    this.messageBytes += length;
    this.isFragmented = (first & FIN) === 0;
  }

  private readPayload(frame: PartialFrame, chunk: Buffer, at: number): number {
    const piece = frame.take(chunk, at);
    const isData = (frame.first & OPCODE) < CLOSE;
    if (isData && this.text && !this.text.accepts(piece)) return this.refuseText(frame, chunk);
    this.frame = frame.isComplete ? undefined : frame;
    if (frame.isComplete) this.complete(frame, isData);
    return at + piece.length;
  }

  private complete({ first, payload }: PartialFrame, isData: boolean): void {
    const isText = first === WHOLE_TEXT && !this.isForOthers && this.text?.isWhole;
    if (isData) this.noteEnd(first, payload.length);
    if (isText) {
      this.owner.receivedText(payload);
      return;
    }
    this.isForOthers = true;
    this.owner.receivedFrame(first, payload);
    // What follows a close frame is nobody's.
    if ((first & OPCODE) === CLOSE) this.stop();
  }

  /** Notes the end of a frame of a message. */
  private noteEnd(first: number, length: number): void {
    if (first & FIN) {
      this.text = undefined;
      this.messageBytes = 0;
      this.fragmentBytes = 0;
    } else {
      // Empty ones take memory, too.
      this.fragmentBytes += length + 2 + MASK_BYTES;
    }
  }

  /** What has come of a message is no text, whatever may follow: it goes on as if it were all, and is refused for that. */
  private refuseText(frame: PartialFrame, chunk: Buffer): number {
    this.owner.receivedFrame(frame.first | FIN, frame.payload);
    this.stop();
    return chunk.length;
  }

  /** Leaves the rest of the stream to others. */
  private leave(chunk: Buffer, at: number): number {
    this.isBroken = true;
    this.owner.receivedOther(chunk.subarray(at));
    return chunk.length;
  }
}
