import type { LostMembership } from '../../common/backplane.js';
import type { RedisConnection } from './redis-connection.js';

/** Most entries that are reported at once. */
const AT_ONCE = 500;

/** A removed member as `remove-members-of.lua` records it. */
export type LostMember = Omit<LostMembership, 'room' | 'owner'> & { readonly id: string };

/** What was removed of a dead node and is still to be reported. */
export class LostEntries<T> {
  constructor(
    private readonly redis: RedisConnection,
    private readonly key: string,
    private readonly parse: (text: string) => T,
  ) {}

  /**
   * Reports all entries, and forgets those that are reported.
   * @param mayGoOn resolves with false if another node goes on
   * @param report rejects if the entries are to be reported again
   */
  async report(mayGoOn: () => Promise<boolean>, report: (entries: T[]) => Promise<void>): Promise<void> {
    for (;;) {
      const texts = await this.redis.ask((client) => client.lrange(this.key, 0, AT_ONCE - 1));
      if (texts.length === 0 || !(await mayGoOn())) return;
      await report(texts.map(this.parse));
      await this.redis.ask((client) => client.ltrim(this.key, texts.length, -1));
    }
  }
}
