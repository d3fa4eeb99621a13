import { EventRing } from './event-ring.js';

const MIB = 1024 * 1024;
const FOR_EVER = { maxEvents: Infinity, maxAgeMs: Infinity };

describe('EventRing', () => {
  it('keeps no more than 128 Mi characters, whatever the retention', () => {
    const ring = new EventRing(0);
    const text = 'x'.repeat(MIB);
    for (let position = 1; position <= 130; position++) {
      ring.add({ text, id: String(position), at: 0 });
      ring.trim(FOR_EVER, 0);
    }
    expect([ring.oldest, ring.newest]).toEqual([3, 130]);
    ring.add({ text: 'x', id: '131', at: 0 });
    ring.trim(FOR_EVER, 0);
    expect([ring.oldest, ring.find('3'), ring.find('4')]).toEqual([4, undefined, 4]);
    ring.trim({ maxEvents: 2, maxAgeMs: Infinity }, 0);
    expect([...ring.behind(0, 10)].map(({ position }) => position)).toEqual([130, 131]);
  });
});
