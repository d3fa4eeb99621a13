import { backoffMs } from './backoff.js';

describe('backoffMs', () => {
  it('doubles from one second, up to fifteen minutes', () => {
    const delays = Array.from({ length: 12 }, (_, at) => backoffMs(at + 1, 0));
    expect(delays).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 720, 720].map((seconds) => seconds * 1000));
    expect(backoffMs(1, 1)).toBe(1250);
    expect(backoffMs(100, 1)).toBe(900_000);
  });

  it('has jitter', () => {
    expect(new Set(Array.from({ length: 20 }, () => backoffMs(5))).size).toBeGreaterThan(10);
  });
});
