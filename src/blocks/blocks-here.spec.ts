import { jest } from '@jest/globals';
import type { Block, NewBlock } from './block-store.js';
import { BlocksHere } from './blocks-here.js';

const DAY_MS = 86_400_000;

function block(target: Pick<NewBlock, 'address' | 'user' | 'realm'>, remainingMs = 60_000): Block {
  return { id: JSON.stringify(target), by: 'olga', since: 0, until: remainingMs, remainingMs, ...target };
}

describe('BlocksHere', () => {
  let here: BlocksHere;

  beforeEach(() => {
    jest.useFakeTimers();
    here = new BlocksHere();
  });
  afterEach(() => {
    here.onApplicationShutdown();
    jest.useRealTimers();
  });

  const isUserBlocked = (realm: string, user?: string): boolean => {
    try {
      here.checkUser(realm, user);
      return false;
    } catch (error) {
      expect(error).toMatchObject({ code: 'NOT_AUTHORIZED', data: { reason: 'blocked' } });
      return true;
    }
  };

  it('is inactive without blocks', () => {
    expect([here.isActive, here.secondsOf('203.0.113.9'), isUserBlocked('default', 'ann')]).toEqual([false, 0, false]);
  });

  it.each([
    ['203.0.113.9', ['203.0.113.9', '::ffff:203.0.113.9'], ['203.0.113.10', '2001:db8::1', '']],
    ['2001:db8:1:2::/64', ['2001:db8:1:2::1', '2001:db8:1:2:f::%eth0'], ['2001:db8:1:3::1', '203.0.113.9']],
    ['203.0.113.0/24', ['203.0.113.9', '::ffff:203.0.113.9'], ['203.0.112.9', '::1', 'unix']],
    ['2001:db8::/32', ['2001:db8:9::1'], ['2001:db9::1', '203.0.113.9']],
  ])('knows the addresses of %s', (address, inside, outside) => {
    here.replace([block({ address })]);
    expect(inside.map((one) => here.secondsOf(one))).toEqual(inside.map(() => 60));
    expect(outside.map((one) => here.secondsOf(one))).toEqual(outside.map(() => 0));
  });

  it('counts the longest of several blocks of an address', () => {
    here.replace([
      block({ address: '203.0.113.9' }, 5000),
      block({ address: '203.0.113.0/24' }, 90_000),
      block({ address: '203.0.0.0/16' }, 7000),
    ]);
    expect(here.secondsOf('203.0.113.9')).toBe(90);
  });

  it('knows users in one realm or in all', () => {
    here.replace([block({ user: 'ann' }), block({ user: 'bob', realm: 'acme' })]);
    expect([isUserBlocked('default', 'ann'), isUserBlocked('acme', 'ann')]).toEqual([true, true]);
    expect([isUserBlocked('default', 'bob'), isUserBlocked('acme', 'bob')]).toEqual([false, true]);
    expect([isUserBlocked('default'), isUserBlocked('default', 'cid')]).toEqual([false, false]);
  });

  it('forgets blocks when they end, and all others when it gets new ones', () => {
    here.replace([block({ address: '203.0.113.9' }, 1000), block({ user: 'ann' }, 30 * DAY_MS)]);
    jest.advanceTimersByTime(1000);
    expect([here.isActive, here.secondsOf('203.0.113.9')]).toEqual([true, 0]);
    jest.advanceTimersByTime(29 * DAY_MS);
    expect(isUserBlocked('default', 'ann')).toBe(true);
    jest.advanceTimersByTime(DAY_MS);
    expect([here.isActive, isUserBlocked('default', 'ann')]).toEqual([false, false]);
    here.replace([block({ user: 'ann' })]);
    here.replace([]);
    expect([here.isActive, jest.getTimerCount()]).toEqual([false, 0]);
  });
});
