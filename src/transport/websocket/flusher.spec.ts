import { setImmediate as nextTurn } from 'node:timers/promises';
import { Flusher } from './flusher.js';

const MIB = 1_048_576;

describe('Flusher', () => {
  /** Adds one for each size; returns the numbers of those that were flushed. */
  function add(flusher: Flusher, sizes: readonly number[]): number[] {
    const flushed: number[] = [];
    sizes.forEach((bytes, at) => {
      flusher.add({
        flush: () => {
          flushed.push(at);
          return bytes;
        },
      });
    });
    return flushed;
  }

  it('flushes small writes before the next turn', async () => {
    const flushed = add(new Flusher(), Array<number>(1000).fill(100));
    await Promise.resolve();
    await nextTurn();
    expect(flushed).toHaveLength(1000);
  });

  it('spreads large writes over turns, in order', async () => {
    const flusher = new Flusher();
    const flushed = add(flusher, Array<number>(50).fill(MIB));
    const seen: number[] = [];
    while (flushed.length < 50 && seen.length < 100) {
      await nextTurn();
      seen.push(flushed.length);
    }
    expect(flushed).toEqual([...Array(50).keys()]);
    for (const [turn, count] of seen.entries()) expect(count).toBeLessThanOrEqual(10 * (turn + 1));
    expect(add(flusher, [1])).toEqual([]);
    await nextTurn();
  });
});
