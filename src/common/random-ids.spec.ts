import { RandomIds } from './random-ids.js';

const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

describe('RandomIds.shortUuid', () => {
  const ids = new RandomIds();
  const many = Array.from({ length: 20_000 }, () => ids.shortUuid());

  it('returns 22 characters of the base57 alphabet', () => {
    for (const id of many) expect(id).toMatch(/^[2-9A-HJ-NP-Za-km-z]{22}$/);
  });

  it('returns numbers that fit in a UUID', () => {
    for (const id of many) {
      const value = [...id].reduce((sum, digit) => sum * 57n + BigInt(ALPHABET.indexOf(digit)), 0n);
      expect(value < 1n << 128n).toBe(true);
    }
  });

  it('never repeats an id', () => {
    expect(new Set([...many, ...many.map(() => new RandomIds().shortUuid())]).size).toBe(2 * many.length);
  });

  it('uses all digits equally often', () => {
    const counts = new Map<string, number>();
    for (const id of many) for (const digit of id.slice(1)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
    const expected = (many.length * 21) / 57;
    expect(counts.size).toBe(57);
    // Seven standard deviations.
    for (const count of counts.values()) expect(Math.abs(count - expected)).toBeLessThan(7 * Math.sqrt(expected));
  });
});
