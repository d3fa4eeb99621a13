/** Bytes of one sender in the write buffer of a client. */
interface Piece {
  readonly sender: string;
  readonly bytes: number;
  /** Position of the last byte, in all bytes written to the client. */
  readonly end: number;
}

/** Bounds of a write buffer. */
export interface BufferLimits {
  readonly maxBufferedBytes: number;
  /** Share of the buffer that one sender may fill, in percent; 100 is no limit. */
  readonly maxSharePerSender: number;
}

/** Percent. */
const ALL = 100;

/** Part of the bound up to which senders are not told apart, because the client is not behind yet. */
const TRACKED_FROM = 1 / 8;

/** Returns the number of waiting bytes from which on senders are tracked. */
export function trackedFrom({ maxBufferedBytes }: Pick<BufferLimits, 'maxBufferedBytes'>): number {
  return maxBufferedBytes * TRACKED_FROM;
}

/**
 * Shares of the write buffer of a client that is behind. One sender may fill only its share, so that a stranger who
 * knows an id cannot make the server disconnect that client as too slow.
 */
export class WriteShares {
  private readonly share: number;
  private readonly trackedFrom: number;
  private readonly pieces: Piece[] = [];
  private readonly bySender = new Map<string, number>();

  constructor(limits: BufferLimits) {
    const { maxBufferedBytes, maxSharePerSender } = limits;
    this.share = maxSharePerSender < ALL ? (maxBufferedBytes * maxSharePerSender) / ALL : Infinity;
    this.trackedFrom = trackedFrom(limits);
  }

  /**
   * Counts a signal that a sender is about to write, unless the sender has used up its share. A single signal may be
   * larger than the share.
   * @param written bytes written to the client so far
   * @param waiting those of them that the client has not read
   * @returns whether the sender may write it
   */
  admit(sender: string, bytes: number, written: number, waiting: number): boolean {
    this.forget(written, waiting);
    if (this.pieces.length === 0 && waiting + bytes <= this.trackedFrom) return true;
    const before = this.bySender.get(sender) ?? 0;
    if (before > 0 && before + bytes > this.share) return false;
    this.bySender.set(sender, before + bytes);
    this.pieces.push({ sender, bytes, end: written + bytes });
    return true;
  }

  /** Returns the bytes of single signals beyond the shares of their senders. They do not make a client too slow. */
  excess(written: number, waiting: number): number {
    this.forget(written, waiting);
    let excess = 0;
    for (const bytes of this.bySender.values()) excess += Math.max(0, bytes - this.share);
    return excess;
  }

  /**
   * Forgets the bytes that the client has read. The end of a piece is an estimate, except that an empty buffer holds no
   * piece.
   */
  private forget(written: number, waiting: number): void {
    const { pieces, bySender } = this;
    const unread = waiting === 0 ? -1 : pieces.findIndex(({ end }) => end > written - waiting);
    for (const { sender, bytes } of pieces.splice(0, unread === -1 ? pieces.length : unread)) {
      const rest = (bySender.get(sender) ?? 0) - bytes;
      if (rest > 0) bySender.set(sender, rest);
      else bySender.delete(sender);
    }
  }
}
