import { evictOldest } from '../../common/evict-oldest.js';
import type { WebhookAnswer } from './webhook-authority.js';

const MAX_ENTRIES = 10_000;

interface Entry {
  readonly answer: WebhookAnswer;
  /** In the time of `performance.now()`. */
  readonly until: number;
}

/** The answers of a webhook, each for a limited time. Beyond 10,000, the oldest one is evicted. */
export class AnswerCache {
  private readonly entries = new Map<string, Entry>();

  /** @param ttlMs 0: nothing is kept */
  constructor(private readonly ttlMs: number) {}

  find(key: string): Entry | undefined {
    const entry = this.entries.get(key);
    if (!entry || entry.until > performance.now()) return entry;
    this.entries.delete(key);
    return undefined;
  }

  keep(key: string, answer: WebhookAnswer): void {
    if (this.ttlMs === 0) return;
    this.entries.delete(key);
    this.entries.set(key, { answer, until: performance.now() + this.ttlMs });
    evictOldest(this.entries, MAX_ENTRIES);
  }
}
