import { setImmediate as nextTurn } from 'node:timers/promises';
import { TurnShare } from './turn-share.js';

/** Blocks this thread. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('TurnShare', () => {
  it('runs work at once while there is little of it', async () => {
    const turns = new TurnShare();
    let isDone = false;
    const result = turns.run(() => {
      isDone = true;
      return Promise.resolve('result');
    });
    expect(isDone).toBe(true);
    await expect(result).resolves.toBe('result');
  });

  it('spreads long work over several turns, in order', async () => {
    const turns = new TurnShare();
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

  it('passes the error of delayed work on, and continues', async () => {
    const turns = new TurnShare();
    const first = turns.run(() => {
      block(10);
      return Promise.resolve();
    });
    const failing = turns.run(() => {
      throw new Error('no');
    });
    const later = turns.run(() => Promise.resolve('yes'));
    await first;
    await expect(failing).rejects.toThrow('no');
    await expect(later).resolves.toBe('yes');
  });
});
