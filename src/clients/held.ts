/** What may be held back for one client, in bytes; half of it from one sender. */
const MAX_BYTES = 1_048_576;
const MAX_BYTES_OF_SENDER = MAX_BYTES / 2;

/** What each thing that is held counts as, beside what it carries. */
const OVERHEAD_BYTES = 1024;

/** What is held back for a client because something older is still to be written. */
export class Held {
  private readonly writes: (() => void)[] = [];
  private readonly bySender = new Map<string, number>();
  private total = 0;

  /** Bytes that are held. */
  get bytes(): number {
    return this.total;
  }

  /**
   * Holds something back, in its order.
   * @param sender the client whose share it counts for; empty if it is the server's own
   * @returns false if there is no room for it
   */
  add(write: () => void, carriedBytes: number, sender = ''): boolean {
    const bytes = OVERHEAD_BYTES + carriedBytes;
    const ofSender = (this.bySender.get(sender) ?? 0) + bytes;
    if (this.total + bytes > MAX_BYTES || (sender !== '' && ofSender > MAX_BYTES_OF_SENDER)) return false;
    this.total += bytes;
    this.bySender.set(sender, ofSender);
    this.writes.push(write);
    return true;
  }

  /** Writes all of it. */
  writeAll(): void {
    for (const write of this.writes) write();
  }
}
