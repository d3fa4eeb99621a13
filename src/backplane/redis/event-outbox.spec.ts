import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '../../common/domain-error.js';
import { type EventBatch, EventOutbox } from './event-outbox.js';

/** A store that is away until `isThere` is set. */
class Store {
  readonly batches: EventBatch[] = [];
  readonly refused: unknown[] = [];
  isThere = true;
  fault?: Error;
  readonly outbox: EventOutbox;

  constructor(maxWaiting = 1000) {
    this.outbox = new EventOutbox(
      (batch) => this.write(batch),
      () => maxWaiting,
      (error) => this.refused.push(error),
    );
  }

  get events(): string[] {
    return this.batches.flatMap(({ events }) => events);
  }

  private async write(batch: EventBatch): Promise<void> {
    await sleep(1);
    if (this.fault) throw this.fault;
    if (!this.isThere) throw new DomainError('UNAVAILABLE', {});
    this.batches.push(batch);
  }
}

const texts = (count: number, first = 0): string[] => Array.from({ length: count }, (_, at) => String(first + at));

describe('EventOutbox', () => {
  it('writes all events in order, in batches with successive numbers', async () => {
    const store = new Store();
    for (const text of texts(950)) store.outbox.add(text);
    expect(await store.outbox.flush(5000)).toBe(true);
    expect(store.events).toEqual(texts(950));
    expect(store.batches.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
    expect(store.batches.every(({ lost }) => lost === 0)).toBe(true);
  });

  it('holds events back that are added while others are held back', async () => {
    const store = new Store();
    let [releaseFirst, releaseSecond] = [(): void => undefined, (): void => undefined];
    store.outbox.hold(new Promise<void>((resolve) => (releaseFirst = resolve)));
    store.outbox.add('first');
    await sleep(20);
    store.outbox.hold(new Promise<void>((resolve) => (releaseSecond = resolve)));
    store.outbox.add('second');
    releaseFirst();
    expect(await store.outbox.flush(100)).toBe(false);
    expect(store.events).toEqual(['first']);
    releaseSecond();
    expect(await store.outbox.flush(5000)).toBe(true);
    expect(store.events).toEqual(['first', 'second']);
  });

  it('writes what was added in one turn of the event loop together', async () => {
    const store = new Store();
    for (const text of texts(10)) store.outbox.add(text);
    await store.outbox.flush(5000);
    expect(store.batches).toHaveLength(1);
  });

  it('writes a batch again with its number until it succeeds', async () => {
    const store = new Store();
    store.isThere = false;
    for (const text of texts(3)) store.outbox.add(text);
    expect(await store.outbox.flush(150)).toBe(false);
    store.isThere = true;
    expect(await store.outbox.flush(5000)).toBe(true);
    expect(store.batches).toEqual([{ number: 1, lost: 0, events: texts(3) }]);
    expect(store.outbox.dropped).toBe(0);
  });

  it('drops the oldest events beyond its bound, counts them, and tells the store how many are missing', async () => {
    const store = new Store(500);
    store.isThere = false;
    store.outbox.add('first');
    await sleep(20);
    for (const text of texts(2000)) store.outbox.add(text);
    store.isThere = true;
    expect(await store.outbox.flush(5000)).toBe(true);
    const { dropped } = store.outbox;
    expect(dropped).toBeGreaterThanOrEqual(1300);
    expect(store.events).toEqual(['first', ...texts(2000 - dropped, dropped)]);
    expect(store.batches.map(({ lost }) => lost)).toEqual([0, dropped, ...store.batches.slice(2).map(() => 0)]);
  });

  it('drops a batch that the store refuses for good, and reports the error', async () => {
    const store = new Store();
    store.fault = new Error('broken');
    store.outbox.add('x');
    expect(await store.outbox.flush(5000)).toBe(true);
    expect([store.refused, store.outbox.dropped]).toEqual([[store.fault], 1]);
    store.fault = undefined;
    store.outbox.add('y');
    await store.outbox.flush(5000);
    expect(store.batches).toEqual([{ number: 2, lost: 1, events: ['y'] }]);
  });
});
