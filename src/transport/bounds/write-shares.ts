/** What of a sender lies in what is written to a client. */
interface Piece {
  readonly sender: string;
  readonly bytes: number;
  /** Where it ends, in all bytes that are written to the client. */
  readonly end: number;
}

/** Bounds of a write buffer. */
export interface BufferLimits {
  readonly maxBufferedBytes: number;
  /** What part of it one sender may fill, in percent; 100 is no limit. */
  readonly maxSharePerSender: number;
}

/** Percent. */
const ALL = 100;

/** How much may wait, as a part of the bound, before it matters who has sent it. */
const TRACKED_FROM = 1 / 8;

/** Bytes that may wait for a client before it is noted who has sent them. */
export function trackedFrom({ maxBufferedBytes }: Pick<BufferLimits, 'maxBufferedBytes'>): number {
  return maxBufferedBytes * TRACKED_FROM;
}

/**
 * Who has filled the write buffer of a client that is behind. One sender may fill only a share of it, so that a stranger who
 * knows an id cannot have its client closed as too slow.
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
   * Notes what a sender is about to write, unless its share is used up. A single signal may be larger than the share.
   * @param written bytes that were written to the client so far
   * @param waiting those of them that it has not read
   * @returns whether it may be written
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

  /** Bytes of single signals beyond the shares of their senders, which no client is closed for. */
  excess(written: number, waiting: number): number {
    this.forget(written, waiting);
    let excess = 0;
    for (const bytes of this.bySender.values()) excess += Math.max(0, bytes - this.share);
    return excess;
  }

  /** Forgets what the client has read. The end of a piece is an estimate: a client that has read all has read every piece. */
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
