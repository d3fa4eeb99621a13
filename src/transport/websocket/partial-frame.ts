import { unmaskInto } from './unmask.js';

/** What is allocated at least, so that tiny pieces are not copied again and again. */
const MIN_BYTES = 256;

/** A frame of a client whose payload comes in pieces. It takes as much memory as has come, and at most as much again. */
export class PartialFrame {
  private bytes: Buffer;
  private received = 0;

  /**
   * @param first byte of the frame: FIN, reserved bits and opcode
   * @param mask on bytes of its own
   * @param length of the payload, as announced
   */
  constructor(
    readonly first: number,
    private readonly mask: Buffer,
    private readonly length: number,
  ) {
    this.bytes = Buffer.allocUnsafe(Math.min(length, MIN_BYTES));
  }

  /** Takes what a chunk has of the payload from `at` on, and returns it unmasked. */
  take(chunk: Buffer, at: number): Buffer {
    const from = this.received;
    const to = from + Math.min(chunk.length - at, this.length - from);
    if (to > this.bytes.length) this.grow(to);
    unmaskInto(this.bytes, from, to, chunk, at, this.mask);
    this.received = to;
    return this.bytes.subarray(from, to);
  }

  get isComplete(): boolean {
    return this.received === this.length;
  }

  /** What has come of the payload. */
  get payload(): Buffer {
    return this.bytes.subarray(0, this.received);
  }

  /** Bytes of memory that it holds. */
  get heldBytes(): number {
    return this.bytes.length;
  }

  private grow(needed: number): void {
    // A whole rest in one chunk needs no room beyond it.
    const grown = Buffer.allocUnsafe(Math.min(this.length, needed * 2));
    this.bytes.copy(grown, 0, 0, this.received);
    this.bytes = grown;
  }
}
