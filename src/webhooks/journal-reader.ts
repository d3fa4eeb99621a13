import { setTimeout as sleep } from 'node:timers/promises';
import { isUnavailable } from '../common/domain-error.js';
import type { EventJournal, Following, JournalPage } from '../events/event-journal.js';

/** Maximum number of events that are read from the journal at once. */
export const PAGE = 500;
/** Delay after a failed read. */
const RETRY_MS = 250;

/** Passes every event behind a position on, in the order of the journal. What a follower misses is read. */
export class JournalReader {
  private readonly following: Following;
  private isReading = false;
  /** Whether events were followed during the last read. */
  private isBehind = false;
  private isStopped = false;

  /**
   * @param position of the last event that is not passed on; 0 for the beginning of the journal
   * @param pass receives successive pages, and must not throw
   */
  constructor(
    private readonly journal: EventJournal,
    private position: number,
    private readonly pass: (page: JournalPage) => void,
  ) {
    this.following = journal.follow((page) => this.follow(page));
    // A follower does not get what was appended before.
    void this.following.ready.then(() => this.catchUp());
  }

  stop(): void {
    this.isStopped = true;
    this.following.stop();
  }

  private follow(page: JournalPage): void {
    const isNext = page.entries[0]?.position === this.position + 1;
    if (this.isReading || page.isGap || !isNext) void this.catchUp();
    else this.passOn(page);
  }

  private async catchUp(): Promise<void> {
    this.isBehind = true;
    if (this.isReading) return;
    this.isReading = true;
    while (this.isBehind && !this.isStopped) {
      this.isBehind = false;
      await this.readOn();
    }
    this.isReading = false;
  }

  private async readOn(): Promise<void> {
    try {
      for (;;) {
        const page = await this.journal.read(this.position, PAGE);
        if (this.isStopped || page.entries.length === 0) return;
        this.passOn(page);
        // Other work gets its turn while a long journal is read.
        await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      this.isBehind = true;
      await sleep(RETRY_MS, undefined, { ref: false });
    }
  }

  private passOn(page: JournalPage): void {
    this.position = page.entries.at(-1)!.position;
    this.pass(page);
  }
}
