import { DomainError } from '../../common/domain-error.js';
import type { Page, PageQuery, RealmCount } from '../../common/page.js';
import { realmPageOf } from '../page-of.js';
import { unqualified } from './keys.js';

/** Scores are safe integers. */
const SCORE = /^\d{1,16}$/;

const MIN_CHUNK = 50;
const MAX_CHUNK = 500;
/** Most names that one page scans; a filter that few names match returns a short page with a cursor. */
const MAX_SCANNED = 20_000;

export interface Scored {
  readonly name: string;
  readonly score: number;
}

/** A list in Redis: names in the order of their scores, and an item for each name. */
export interface ScoredList<T> {
  /** Returns about `count` names after a score, in order; none only at the end of the list. */
  after(score: number, count: number): Promise<Scored[]>;
  matchesName(name: string): boolean;
  /** Returns the items of names; undefined for those that no longer exist. */
  load(names: readonly string[]): Promise<readonly (T | undefined)[]>;
  matches(item: T): boolean;
}

/**
 * Returns one page of the items that match. The cursor is the score of the last item.
 * @throws DomainError INVALID_REQUEST for an invalid cursor
 */
export async function scoredPage<T>({ limit, cursor = '0' }: PageQuery, list: ScoredList<T>): Promise<Page<T>> {
  if (!SCORE.test(cursor) || !Number.isSafeInteger(Number(cursor)))
    throw new DomainError('INVALID_REQUEST', { reason: 'no such cursor' });
  const items: T[] = [];
  let last = Number(cursor);
  let scanned = 0;
  for (let position = last; ;) {
    const chunk = await list.after(position, Math.min(Math.max(limit + 1, MIN_CHUNK), MAX_CHUNK));
    if (chunk.length === 0) return { items };
    const named = chunk.filter(({ name }) => list.matchesName(name));
    const loaded = await list.load(named.map(({ name }) => name));
    for (const [at, { score }] of named.entries()) {
      const item = loaded[at];
      if (item === undefined || !list.matches(item)) continue;
      if (items.length >= limit) return { items, cursor: String(last) };
      items.push(item);
      last = score;
    }
    position = chunk[chunk.length - 1]!.score;
    scanned += chunk.length;
    if (scanned >= MAX_SCANNED) return { items, cursor: String(items.length >= limit ? last : position) };
  }
}

/** Returns a filter for qualified names by realm and prefix of the id, as far as they are given. */
export function nameFilter(query: { realm?: string; idPrefix?: string }): (name: string) => boolean {
  const { realm, idPrefix = '' } = query;
  return (name) => {
    const found = unqualified(name);
    return (realm === undefined || found.realm === realm) && found.id.startsWith(idPrefix);
  };
}

/** Parses the answer to `ZRANGE … WITHSCORES`. */
export function pairs(answer: readonly string[]): Scored[] {
  const scored: Scored[] = [];
  for (let i = 0; i < answer.length; i += 2) scored.push({ name: answer[i]!, score: Number(answer[i + 1]) });
  return scored;
}

/** Returns one page of realms, added up from hashes of names (JSON) and counts. */
export function realmPage(hashes: readonly Readonly<Record<string, string>>[], query: PageQuery): Page<RealmCount> {
  const counts = new Map<string, number>();
  for (const hash of hashes) {
    for (const [name, count] of Object.entries(hash)) {
      const realm = JSON.parse(name) as string;
      counts.set(realm, (counts.get(realm) ?? 0) + Number(count));
    }
  }
  return realmPageOf(counts, query);
}
