import { type BufferLimits, trackedFrom, WriteShares } from './write-shares.js';

/** Bounds what waits to be written to one client, in all and for each sender. */
export class WriteBound {
  private writtenBytes = 0;
  /** Created when the client falls behind for the first time. */
  private shares?: WriteShares;

  constructor(private readonly limits: BufferLimits) {}

  /** Counts bytes that are written to the client. */
  add(bytes: number): void {
    this.writtenBytes += bytes;
  }

  /**
   * Whether a sender may write a signal of this size: it may fill only a share of what waits for the client.
   * @param waitingBytes bytes that the client has not read yet
   */
  admits(sender: string, bytes: number, waitingBytes: number): boolean {
    if (!this.shares && waitingBytes + bytes <= trackedFrom(this.limits)) return true;
    this.shares ??= new WriteShares(this.limits);
    return this.shares.admit(sender, bytes, this.writtenBytes, waitingBytes);
  }

  /**
   * Whether more bytes wait than the bound allows. Single signals beyond the shares of their senders do not count.
   * @param bufferedBytes the bytes that are compared with the bound
   * @param waitingBytes bytes that the client has not read yet
   */
  isExceeded(bufferedBytes: number, waitingBytes = bufferedBytes): boolean {
    const { maxBufferedBytes } = this.limits;
    if (bufferedBytes <= maxBufferedBytes) return false;
    const excess = this.shares?.excess(this.writtenBytes, waitingBytes) ?? 0;
    return bufferedBytes - excess > maxBufferedBytes;
  }
}
