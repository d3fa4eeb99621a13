import { RealmMap } from './realm-map.js';

describe('RealmMap', () => {
  it('separates realms and counts values', () => {
    const map = new RealmMap<number>();
    map.set('a', 'x', 1);
    map.set('a', 'x', 2);
    map.set('b', 'x', 3);
    map.set('__proto__', 'constructor', 4);
    expect(map.size).toBe(3);
    expect([map.get('a', 'x'), map.get('b', 'x'), map.get('__proto__', 'constructor')]).toEqual([2, 3, 4]);
    expect(map.get('constructor', 'x')).toBeUndefined();
    expect(map.delete('a', 'y')).toBe(false);
    expect(map.delete('a', 'x')).toBe(true);
    expect(map.delete('a', 'x')).toBe(false);
    expect(map.size).toBe(2);
  });
});
