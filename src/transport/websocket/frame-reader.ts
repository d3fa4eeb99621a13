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

/** The longest payload of a control frame, and the longest whose length fits the second byte of a frame. */
const SHORT = 125;

/** Receives the frames that a FrameReader finds. */
export interface FrameOwner {
  /** Receives a text message: valid UTF-8, in a buffer of its own. */
  receivedText(bytes: Buffer): void;
  /**
   * @internal Receives a whole frame that is no text message by itself.
   * @param first byte of the frame: FIN and opcode
   * @param payload unmasked, in a buffer of its own
   */
  receivedFrame(first: number, payload: Buffer): void;
  /** @internal Receives the unchanged bytes of a malformed frame and everything behind it, as a view of what was read. */
  receivedOther(bytes: Buffer): void;
}

/**
 * Finds the frames in the chunks that a client sends (RFC 6455, 5.2), and among them the text messages of one frame,
 * which are nearly all. It reads each byte once. It checks text as it arrives, so that invalid UTF-8 is rejected before
 * the frame ends (8.1). The owner judges the meaning and the faults of all other frames.
 */
export class FrameReader {
  /** The first bytes of a frame whose header is incomplete. */
  private rest?: Buffer;
  /** The frame whose payload is incomplete. */
  private frame?: PartialFrame;
  /** Checks the text message that is incomplete. */
  private text?: Utf8Pieces;
  /** Whether a message of several frames is incomplete. */
  private isFragmented = false;
  /** Announced payload bytes of the incomplete message. */
  private messageBytes = 0;
  /** Bytes of the complete frames of the incomplete message. */
  private fragmentBytes = 0;
  /**
   * Whether the owner has received a frame of this chunk. It may still be checking the frame, so it gets the rest of
   * the chunk, too.
   */
  private isChunkOwners = false;
  /** Whether a frame was malformed. Everything behind it is passed on unread. */
  private isBroken = false;
  private isStopped = false;

  constructor(
    private readonly owner: FrameOwner,
    private readonly maxBytes: number,
  ) {}

  /** Drops everything that follows. */
  stop(): void {
    this.isStopped = true;
    this.rest = undefined;
    this.frame = undefined;
    this.text = undefined;
    this.fragmentBytes = 0;
  }

  /** Bytes of memory that incomplete frames and messages hold; 0 only if there are none. */
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
    this.isChunkOwners = false;
    let at = 0;
    while (at < chunk.length && !this.isStopped) {
      const next = this.frame ? this.readPayload(this.frame, chunk, at) : this.readFrame(chunk, at);
      if (next === undefined) {
        // A copy: a view would keep the whole chunk in memory.
        this.rest = copyOf(chunk.subarray(at));
        return;
      }
      at = next;
    }
  }

  /** Returns the position behind what was read of the frame; undefined if its header is incomplete. */
  private readFrame(chunk: Buffer, at: number): number | undefined {
    if (chunk.length - at < 2) return undefined;
    const first = chunk[at]!;
    const second = chunk[at + 1]!;
    if (!this.isWellFormed(first, second)) return this.passOn(chunk, at);
    let length = second & 0x7f;
    const lengthBytes = length === 126 ? 2 : length === 127 ? 8 : 0;
    const start = at + 2 + lengthBytes + MASK_BYTES;
    if (start > chunk.length) return undefined;
    if (lengthBytes === 2) length = chunk.readUInt16BE(at + 2);
    // The number is inexact only beyond all sizes that a frame may have.
    else if (lengthBytes === 8) length = Number(chunk.readBigUInt64BE(at + 2));

    const end = start + length;
    const isData = (first & OPCODE) < CLOSE;
    if (isData && this.messageBytes + length > this.maxBytes) return this.passOn(chunk, at);
    if (first === WHOLE_TEXT && !this.isChunkOwners && end <= chunk.length) {
      const message = unmasked(chunk, start, end);
      if (isUtf8(message)) {
        this.owner.receivedText(message);
        return end;
      }
    }
    if (isData) this.startOfData(first, length);
    const frame = new PartialFrame(first, Buffer.from(chunk.subarray(start - MASK_BYTES, start)), length);
    return this.readPayload(frame, chunk, start);
  }

  /** Whether a frame may begin with these two bytes at this place. */
  private isWellFormed(first: number, second: number): boolean {
    if (first & RESERVED || !(second & MASKED)) return false;
    const opcode = first & OPCODE;
    if (opcode === CONTINUATION) return this.isFragmented;
    if (opcode <= BINARY) return !this.isFragmented;
    const length = second & 0x7f;
    if (opcode < CLOSE || opcode > PONG || !(first & FIN) || length > SHORT) return false;
    return opcode !== CLOSE || length !== 1;
  }

  /** Records the start of a data frame. */
  private startOfData(first: number, length: number): void {
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
    const isText = first === WHOLE_TEXT && !this.isChunkOwners && this.text?.isWhole;
    if (isData) this.endOfData(first, payload.length);
    if (isText) {
      this.owner.receivedText(payload);
      return;
    }
    this.isChunkOwners = true;
    this.owner.receivedFrame(first, payload);
    // A client sends nothing after its close frame (5.5.1).
    if ((first & OPCODE) === CLOSE) this.stop();
  }

  /** Records the end of a data frame. */
  private endOfData(first: number, length: number): void {
    if (first & FIN) {
      this.text = undefined;
      this.messageBytes = 0;
      this.fragmentBytes = 0;
    } else {
      // Empty frames take memory, too.
      this.fragmentBytes += length + 2 + MASK_BYTES;
    }
  }

  /**
   * Passes the invalid part of a text message on as if it were the whole message, so that the owner rejects it at once.
   */
  private refuseText(frame: PartialFrame, chunk: Buffer): number {
    this.owner.receivedFrame(frame.first | FIN, frame.payload);
    this.stop();
    return chunk.length;
  }

  /** Passes the rest of the stream on. */
  private passOn(chunk: Buffer, at: number): number {
    this.isBroken = true;
    this.owner.receivedOther(chunk.subarray(at));
    return chunk.length;
  }
}

/** Copies a few bytes outside of the pool that Node's small buffers share: they would keep 64 KiB in memory (Node 24). */
function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}
