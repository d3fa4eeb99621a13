import {
  DEFAULT_RETENTION,
  EventJournal,
  type Following,
  JournalFollowers,
  type JournalListener,
  type JournalPage,
  type Retention,
  type ServerEvent,
} from 'signalbox/backplane';

interface Kept {
  readonly position: number;
  readonly at: number;
  /** JSON: a copy, which nobody changes. */
  readonly text: string;
}

/** The events of all servers of this process, which share this journal. */
export class HubEventJournal extends EventJournal {
  override readonly dropped = 0;
  private readonly followers = new JournalFollowers();
  private kept: Kept[] = [];
  private last = Date.now() * 1000;
  private retention: Retention = DEFAULT_RETENTION;

  override retain({ maxEvents, maxAgeMs }: Retention): void {
    const { retention } = this;
    this.retention = {
      maxEvents: Math.max(maxEvents, retention.maxEvents),
      maxAgeMs: Math.max(maxAgeMs, retention.maxAgeMs),
    };
  }

  override append(event: ServerEvent): void {
    const kept = { position: ++this.last, at: Date.now(), text: JSON.stringify(event) };
    this.kept.push(kept);
    if (this.kept.length > this.retention.maxEvents * 1.01) this.trim();
    if (this.followers.size > 0) queueMicrotask(() => this.followers.tell({ entries: [entryOf(kept)], isGap: false }));
  }

  override flush(): Promise<boolean> {
    return Promise.resolve(true);
  }

  override read(after: number, count: number): Promise<JournalPage> {
    this.trim();
    const oldest = this.kept[0]?.position ?? this.last + 1;
    const entries = this.kept.filter(({ position }) => position > after).slice(0, count);
    return Promise.resolve({ entries: entries.map(entryOf), isGap: after !== 0 && after < oldest - 1 });
  }

  override newest(): Promise<number> {
    return Promise.resolve(this.last);
  }

  override find(id: string): Promise<number | undefined> {
    this.trim();
    return Promise.resolve(this.kept.map(entryOf).find(({ event }) => event.id === id)?.position);
  }

  override follow(listener: JournalListener): Following {
    const since = this.last;
    const stop = this.followers.add((page) => {
      if (page.entries.every(({ position }) => position > since)) listener(page);
    });
    return { ready: Promise.resolve(), stop };
  }

  private trim(): void {
    const { maxEvents, maxAgeMs } = this.retention;
    this.kept = this.kept.slice(-maxEvents).filter(({ at }) => at >= Date.now() - maxAgeMs);
  }
}

function entryOf({ position, text }: Kept): { position: number; event: ServerEvent } {
  return { position, event: JSON.parse(text) as ServerEvent };
}
