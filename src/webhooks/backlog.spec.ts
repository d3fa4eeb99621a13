import type { JournalEntry } from '../events/event-journal.js';
import type { ServerEvent } from '../events/server-event.js';
import { Backlog } from './backlog.js';

/** More than a backlog keeps in memory. */
const MANY = 2500;

const entryOf = (position: number): JournalEntry => {
  const event = { type: 'node.joined', id: `${position}`, at: '', node: 'a', realm: '' } satisfies ServerEvent;
  return { position, event };
};

const positionsOf = (entries: readonly JournalEntry[]) => entries.map(({ position }) => position);

describe('Backlog', () => {
  let journal: JournalEntry[];
  let dropped: number;
  let backlog: Backlog;

  /** Adds events to the journal and the backlog. */
  function add(from: number, to: number): void {
    for (let position = from; position <= to; position++) {
      journal.push(entryOf(position));
      backlog.add(entryOf(position));
    }
  }

  const read = (after: number) => Promise.resolve(journal.filter(({ position }) => position > after).slice(0, 500));

  async function deliverAll(batch: number): Promise<number[]> {
    const delivered: number[] = [];
    while (backlog.size > 0) {
      const entries = await backlog.next(batch, read);
      delivered.push(...positionsOf(entries));
      backlog.remove(entries);
    }
    return delivered;
  }

  beforeEach(() => {
    journal = [];
    dropped = 0;
    backlog = new Backlog(5000, (count) => (dropped += count));
  });

  it('returns events in order, also those that it has to read from the journal', async () => {
    add(1, MANY);
    expect(backlog.first).toBe(1);
    expect(await deliverAll(7)).toEqual(positionsOf(journal));
    expect([backlog.size, backlog.first, dropped]).toEqual([0, undefined, 0]);
  });

  it('returns events again until they are removed', async () => {
    add(1, 3);
    expect(positionsOf(await backlog.next(2, read))).toEqual([1, 2]);
    expect(positionsOf(await backlog.next(2, read))).toEqual([1, 2]);
    backlog.remove([entryOf(1)]);
    expect(positionsOf(await backlog.next(2, read))).toEqual([2, 3]);
  });

  it('drops and counts the oldest beyond its bound', async () => {
    add(1, 5300);
    expect([backlog.size, backlog.first, dropped]).toEqual([5000, 301, 300]);
    expect((await deliverAll(100))[0]).toBe(301);
  });

  it('does not remove what was dropped during the delivery once more', async () => {
    add(1, 5000);
    const entries = await backlog.next(3, read);
    add(5001, 5002);
    backlog.remove(entries);
    expect([backlog.first, dropped]).toEqual([4, 2]);
  });

  it('drops and counts what the journal does not have any more', async () => {
    add(1, MANY);
    const first = await backlog.next(1000, read);
    backlog.remove(first);
    journal = journal.filter(({ position }) => position > 1800);
    const delivered = await deliverAll(100);
    expect([delivered[0], delivered.length, dropped]).toEqual([1801, 700, 800]);
  });

  it('knows the lowest position, also behind events that were held back', () => {
    backlog.add(entryOf(10));
    backlog.add(entryOf(4));
    expect(backlog.first).toBe(4);
  });

  it('resolves someAdded when there is an event, or the signal aborts', async () => {
    const aborted = new AbortController();
    const some = backlog.someAdded(aborted.signal);
    add(1, 1);
    await some;
    await backlog.someAdded(aborted.signal);
    backlog.remove([entryOf(1)]);
    const none = backlog.someAdded(aborted.signal);
    aborted.abort();
    await none;
  });
});
