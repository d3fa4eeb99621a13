import { DomainError } from '../../common/domain-error.js';
import type { Page } from '../../common/page.js';

const SEQUENCE = /^\d{1,15}$/;

/**
 * One page of what matches, in order; the cursor is the sequence number of the last item.
 * @throws DomainError INVALID_REQUEST if the cursor is none
 */
export function pageOf<T extends { readonly sequence: number }>(
  inOrder: Iterable<T>,
  { limit, cursor = '0' }: { readonly limit: number; readonly cursor?: string },
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
