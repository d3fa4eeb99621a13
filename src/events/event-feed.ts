import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { EventJournal, type JournalPage } from './event-journal.js';

/** Most events that are read at once. */
const PAGE = 500;

/**
 * What a reader of the feed does with a page. A promise holds the next page of a replay back until it resolves. Must
 * neither throw nor reject.
 */
export type FeedReader = (page: JournalPage) => void | Promise<void>;

/** A reader that gets events until it is stopped. */
export interface Feed {
  /** Resolves when the reader has got everything up to now. Rejects if the journal cannot be reached. */
  readonly ready: Promise<void>;
  stop(): void;
}

/** The events of all nodes for readers that come back: first those that they have missed, then those that happen. */
@Injectable()
export class EventFeed {
  constructor(private readonly journal: EventJournal) {}

  /**
   * Starts to pass events to a reader.
   * @param since id of the last event that the reader has got; undefined for one that has got none. If the journal does
   *   not have the event any more, the reader gets a gap and all events that the journal has
   */
  open(since: string | undefined, reader: FeedReader): Feed {
    if (since === undefined) return this.journal.follow((page) => void reader(page));
    return new Replay(this.journal, reader).begin(since);
  }
}

/** Passes missed events to a reader, and follows the journal after that. */
class Replay {
  private position = 0;
  /** Whether missed events are still being read. What is followed meanwhile is read from the journal as well. */
  private isReading = true;
  /** Number of pages that the journal has passed on during that. */
  private skipped = 0;
  private isStopped = false;

  constructor(
    private readonly journal: EventJournal,
    private readonly reader: FeedReader,
  ) {}

  begin(since: string): Feed {
    const following = this.journal.follow((page) => this.follow(page));
    const stop = (): void => {
      this.isStopped = true;
      following.stop();
    };
    return { ready: following.ready.then(() => this.catchUp(since)), stop };
  }

  private async catchUp(since: string): Promise<void> {
    const position = await this.journal.find(since);
    if (position === undefined) await this.reader({ entries: [], isGap: true });
    this.position = position ?? 0;
    while (this.isReading && !this.isStopped) await this.readPage();
  }

  private async readPage(): Promise<void> {
    const { skipped } = this;
    const page = await this.journal.read(this.position, PAGE);
    if (page.entries.length > 0) {
      await this.pass(page);
      // Other work gets its turn while a long journal is read.
      await nextTurn();
    } else if (skipped === this.skipped) {
      // Otherwise the empty page may lack an event that was appended, and skipped, during the read.
      this.isReading = false;
    }
  }

  private follow({ entries, isGap }: JournalPage): void {
    if (this.isReading) {
      this.skipped++;
      return;
    }
    const news = entries.filter(({ position }) => position > this.position);
    void this.pass({ entries: news, isGap });
  }

  private async pass(page: JournalPage): Promise<void> {
    this.position = page.entries.at(-1)?.position ?? this.position;
    if (!this.isStopped && (page.entries.length > 0 || page.isGap)) await this.reader(page);
  }
}
