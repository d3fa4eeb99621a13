import { TokenBucket } from './token-bucket.js';

describe('TokenBucket', () => {
  it('lets a burst pass, then the rate', () => {
    const bucket = new TokenBucket(200, 1000, 0);
    for (let i = 0; i < 1000; i++) expect(bucket.take(0)).toBe(true);
    expect(bucket.take(0)).toBe(false);
    expect(bucket.take(4)).toBe(false);
    expect(bucket.take(5)).toBe(true);
    expect(bucket.take(5)).toBe(false);
    let passed = 0;
    for (let now = 5; now < 1005; now++) if (bucket.take(now)) passed++;
    expect(passed).toBe(199);
  });

  it('never holds more than a burst', () => {
    const bucket = new TokenBucket(200, 10, 0);
    let passed = 0;
    while (bucket.take(3_600_000)) passed++;
    expect(passed).toBe(10);
  });
});
