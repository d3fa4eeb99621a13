import { unmaskInto } from './unmask.js';

/** Minimum allocation, so that tiny pieces are not copied each time. */
const MIN_BYTES = 256;

/** A frame whose payload arrives in pieces. It takes at most twice the memory of the bytes that have arrived. */
export class PartialFrame {
  private bytes: Buffer;
  private received = 0;

  /**
   * @param first byte of the frame: FIN, reserved bits and opcode
   * @param mask in a buffer of its own
   * @param length announced length of the payload
   */
  constructor(
    readonly first: number,
    private readonly mask: Buffer,
    private readonly length: number,
  ) {
    this.bytes = Buffer.allocUnsafe(Math.min(length, MIN_BYTES));
  }

  /** Takes the payload's bytes from a chunk, beginning at `at`. Returns them unmasked. */
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

  /** The bytes of the payload that have arrived. */
  get payload(): Buffer {
    return this.bytes.subarray(0, this.received);
  }

  /** Bytes of memory that it holds. */
  get heldBytes(): number {
    return this.bytes.length;
  }

  private grow(needed: number): void {
    // The announced length is the upper limit.
    const grown = Buffer.allocUnsafe(Math.min(this.length, needed * 2));
    this.bytes.copy(grown, 0, 0, this.received);
    this.bytes = grown;
  }
}
