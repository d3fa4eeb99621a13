import { Held } from './held.js';

const MIB = 1_048_576;

describe('Held', () => {
  it('runs its writes in order', () => {
    const held = new Held();
    const written: number[] = [];
    for (const i of [1, 2, 3]) held.add(() => written.push(i), 10, 'ann');
    held.writeAll();
    expect(written).toEqual([1, 2, 3]);
  });

  it.each([0, 100_000])('reserves half of its space for other senders: writes of %i bytes', (bytes) => {
    const held = new Held();
    let count = 0;
    while (held.add(() => undefined, bytes, 'eve')) count++;
    expect(count).toBe(Math.floor(MIB / 2 / (bytes + 1024)));
    expect(held.add(() => undefined, bytes, 'ann')).toBe(true);
    expect(held.add(() => undefined, bytes)).toBe(true);
  });

  it('bounds the server’s own writes', () => {
    const held = new Held();
    while (held.add(() => undefined, 1000));
    expect(held.bytes).toBeGreaterThan(MIB - 2100);
    expect(held.bytes).toBeLessThanOrEqual(MIB);
  });
});
