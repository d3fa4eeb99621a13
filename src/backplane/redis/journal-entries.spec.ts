import { joinEvents, pageOf, type StoredBatch } from './journal-entries.js';

/** A batch whose events are named after their positions. */
function batch(first: number, last: number): StoredBatch {
  const events = Array.from({ length: last - first + 1 }, (_, at) => JSON.stringify({ id: String(first + at) }));
  return { last, at: 0, events: joinEvents(events).split('\n') };
}

const shown = (batches: readonly StoredBatch[], after: number, count?: number): unknown => {
  const { entries, isGap } = pageOf(batches, after, count);
  for (const { position, event } of entries) expect(event.id).toBe(String(position));
  return [isGap, entries.map(({ position }) => position)];
};

describe('pageOf', () => {
  it.each([
    ['the beginning', 0, [false, [5, 6, 7, 8]]],
    ['the event before the first one', 4, [false, [5, 6, 7, 8]]],
    ['an earlier event', 3, [true, [5, 6, 7, 8]]],
    ['an event within a batch', 5, [false, [6, 7, 8]]],
    ['the last event', 8, [false, []]],
  ])('returns what is behind %s', (_, after, expected) => {
    expect(shown([batch(5, 6), batch(7, 8)], after)).toEqual(expected);
  });

  it('ends before a gap, with which the next page begins', () => {
    const batches = [batch(5, 6), batch(9, 9)];
    expect(shown(batches, 4)).toEqual([false, [5, 6]]);
    expect(shown(batches, 6)).toEqual([true, [9]]);
  });

  it('returns no more than asked for', () => {
    expect(shown([batch(5, 6), batch(7, 8)], 4, 3)).toEqual([false, [5, 6, 7]]);
  });
});
