/** Maximum bytes held for one client, and for one sender to it. */
const MAX_BYTES = 1_048_576;
const MAX_BYTES_OF_SENDER = MAX_BYTES / 2;

/** Estimated memory of one held write, without the bytes that it carries. */
const OVERHEAD_BYTES = 1024;

/** Writes to a client that are held until older ones are done. */
export class Held {
  private readonly writes: (() => void)[] = [];
  private readonly bySender = new Map<string, number>();
  private total = 0;

  get bytes(): number {
    return this.total;
  }

  /**
   * Adds a write.
   * @param sender id of the client whose share it counts to; empty for the server's own writes
   * @returns false if a bound is reached
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

  /** Runs the writes in the order in which they were added. */
  writeAll(): void {
    for (const write of this.writes) write();
  }
}
