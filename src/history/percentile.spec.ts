import { percentile } from './percentile.js';

const BOUNDS = [10, 20, 50];

describe('percentile', () => {
  it.each([
    ['no value', [0, 0, 0, 0], undefined],
    ['values in the first bucket', [100, 0, 0, 0], 9.9],
    ['values in a bucket between others', [0, 100, 0, 0], 19.9],
    ['few values in a higher bucket', [98, 0, 2, 0], 35],
    ['values above the last bound', [10, 0, 0, 90], 50],
  ])('returns the 99th of %s', (_, counts, expected) => {
    const found = percentile(BOUNDS, counts, 0.99);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(expected);
  });
});
