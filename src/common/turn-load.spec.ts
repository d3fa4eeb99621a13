import { setImmediate as nextTurn } from 'node:timers/promises';
import { TurnLoad } from './turn-load.js';

/** Blocks this thread. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('TurnLoad', () => {
  it('runs work at once while there is little of it', async () => {
    const turns = new TurnLoad();
    let isDone = false;
    const result = turns.run(() => {
      isDone = true;
      return Promise.resolve('result');
    });
    expect(isDone).toBe(true);
    await expect(result).resolves.toBe('result');
  });

  it('spreads long work over several turns, in order', async () => {
    const turns = new TurnLoad();
    const done: number[] = [];
    const all = Promise.all(
      [1, 2, 3, 4, 5].map((i) =>
        turns.run(() => {
          block(5);
          done.push(i);
          return Promise.resolve(i);
        }),
      ),
    );
    const perTurn = [done.length];
    while (done.length < 5) {
      await nextTurn();
      perTurn.push(done.length);
    }
    expect(perTurn.length).toBeGreaterThan(2);
    expect(await all).toEqual([1, 2, 3, 4, 5]);
    expect(done).toEqual([1, 2, 3, 4, 5]);
  });

  it('is full after many tokens, until the next turn', async () => {
    const turns = new TurnLoad();
    turns.add(100);
    expect(turns.isFull).toBe(false);
    turns.add(1000);
    expect(turns.isFull).toBe(true);
    let isDone = false;
    const later = turns.run(() => {
      isDone = true;
      return Promise.resolve();
    });
    expect(isDone).toBe(false);
    await later;
    expect(isDone).toBe(true);
    await nextTurn();
    expect(turns.isFull).toBe(false);
  });

  it('passes the error of delayed work on, and continues', async () => {
    const turns = new TurnLoad();
    turns.add(1000);
    const failing = turns.run(() => {
      throw new Error('no');
    });
    const later = turns.run(() => Promise.resolve('yes'));
    await expect(failing).rejects.toThrow('no');
    await expect(later).resolves.toBe('yes');
  });
});
