import type { JournalListener, JournalPage } from './event-journal.js';

/** The listeners of a journal on one node. Implementations of `EventJournal` share it. */
export class JournalFollowers {
  private readonly listeners = new Set<JournalListener>();

  get size(): number {
    return this.listeners.size;
  }

  /** @returns a function that removes the listener */
  add(listener: JournalListener): () => void {
    // A listener that is added twice is called twice.
    const own: JournalListener = (page) => listener(page);
    this.listeners.add(own);
    return () => void this.listeners.delete(own);
  }

  tell(page: JournalPage): void {
    if (page.entries.length === 0 && !page.isGap) return;
    for (const listener of this.listeners) listener(page);
  }
}
