import { TokenBucket } from './token-bucket.js';

const LIMITS = { framesPerSecond: 200, frameBurst: 1000 };

describe('TokenBucket', () => {
  it('holds a burst, and refills at its rate', () => {
    const bucket = new TokenBucket(LIMITS, 0);
    expect(bucket.isFull(0)).toBe(true);
    expect(bucket.take(1000, 0)).toBe(true);
    expect(bucket.take(1, 0)).toBe(false);
    expect(bucket.debtMs(0)).toBe(5);
    expect(bucket.debtMs(5)).toBe(0);
    expect(bucket.available(1005)).toBe(200);
    expect(bucket.isFull(5004)).toBe(false);
    expect(bucket.isFull(5005)).toBe(true);
    expect(bucket.available(3_600_000)).toBe(1000);
  });

  it('limits the debt to one burst', () => {
    const bucket = new TokenBucket(LIMITS, 0);
    bucket.take(1_000_000, 0);
    expect(bucket.debtMs(0)).toBe(5000);
  });
});
