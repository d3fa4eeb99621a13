import { DomainError } from '../common/domain-error.js';
import type { Page, PageQuery, RealmCount } from '../common/page.js';

const SEQUENCE = /^\d{1,15}$/;

/** Returns one page of realms with their counts, sorted by name. The cursor is the name of the last realm. */
export function realmPageOf(counts: ReadonlyMap<string, number>, { limit, cursor }: PageQuery): Page<RealmCount> {
  const rest = [...counts]
    .map(([realm, count]) => ({ realm, count }))
    .filter(({ realm }) => cursor === undefined || realm > cursor)
    .sort((a, b) => (a.realm < b.realm ? -1 : 1));
  const page = rest.slice(0, limit);
  return rest.length > limit && limit > 0 ? { items: page, cursor: page[limit - 1]!.realm } : { items: page };
}

/** Returns the number of items in each realm. */
export function countRealms(items: Iterable<{ readonly realm: string }>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { realm } of items) counts.set(realm, (counts.get(realm) ?? 0) + 1);
  return counts;
}

/**
 * Returns one page of the items that match, in order. The cursor is the sequence number of the last item.
 * @throws DomainError INVALID_REQUEST for an invalid cursor
 */
export function pageOf<T extends { readonly sequence: number }>(
  inOrder: Iterable<T>,
  { limit, cursor = '0' }: PageQuery,
  matches: (item: T) => boolean,
): Page<T> {
  if (!SEQUENCE.test(cursor)) throw new DomainError('INVALID_REQUEST', { reason: 'no such cursor' });
  const after = Number(cursor);
  const items: T[] = [];
  let last = after;
  for (const item of inOrder) {
    if (item.sequence <= after || !matches(item)) continue;
    if (items.length >= limit) return { items, cursor: String(last) };
    items.push(item);
    last = item.sequence;
  }
  return { items };
}
