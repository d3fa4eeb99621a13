import type { Page } from '../../common/page.js';

/** One page of what matches, in order; the cursor is the sequence number of the last item. */
export function pageOf<T extends { readonly sequence: number }>(
  inOrder: Iterable<T>,
  query: { readonly limit: number; readonly cursor?: string },
  matches: (item: T) => boolean,
): Page<T> {
  const after = Number(query.cursor ?? 0);
  const items: T[] = [];
  for (const item of inOrder) {
    if (item.sequence <= after || !matches(item)) continue;
    if (items.length === query.limit) return { items, cursor: String(items.at(-1)?.sequence) };
    items.push(item);
  }
  return { items };
}
