import { DomainError, type Page, type PageQuery, type RealmCount } from 'signalbox/backplane';

/** An item of a list, with a number that rises from one item to the next. */
interface Numbered {
  readonly sequence: number;
}

/** Returns one page of the items that match. The cursor is the number of its last item. */
export function pageOf<T extends Numbered>(
  items: Iterable<T>,
  { limit, cursor = '0' }: PageQuery,
  matches: (item: T) => boolean,
): Page<T> {
  if (!/^\d{1,15}$/.test(cursor)) throw new DomainError('INVALID_REQUEST', { reason: 'no such cursor' });
  const rest = [...items].filter((item) => item.sequence > Number(cursor) && matches(item));
  const page = rest.slice(0, limit);
  return rest.length > page.length ? { items: page, cursor: String(page.at(-1)?.sequence ?? cursor) } : { items: page };
}

/** Returns one page of realms, sorted by name, with their numbers of items. */
export function realmsOf(realms: Iterable<string>, { limit, cursor }: PageQuery): Page<RealmCount> {
  const counts = new Map<string, number>();
  for (const realm of realms) counts.set(realm, (counts.get(realm) ?? 0) + 1);
  const rest = [...counts.keys()].filter((realm) => cursor === undefined || realm > cursor).sort();
  const items = rest.slice(0, limit).map((realm) => ({ realm, count: counts.get(realm) ?? 0 }));
  return rest.length > items.length ? { items, cursor: items.at(-1)?.realm ?? cursor } : { items };
}
