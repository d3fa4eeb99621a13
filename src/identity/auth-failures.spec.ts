import { jest } from '@jest/globals';
import { AuthFailures } from './auth-failures.js';

const ADDRESS = '203.0.113.7';

describe('AuthFailures', () => {
  let failures: AuthFailures;

  beforeEach(() => {
    jest.useFakeTimers();
    failures = new AuthFailures();
  });

  afterEach(() => jest.useRealTimers());

  const fail = (times: number, address = ADDRESS): void => {
    for (let at = 0; at < times; at++) failures.note(address);
  };

  it('locks an address for a minute after twenty failures within a minute', () => {
    fail(19);
    jest.advanceTimersByTime(59_000);
    expect(failures.isLocked(ADDRESS)).toBe(false);
    fail(1);
    expect(failures.isLocked(ADDRESS)).toBe(true);
    jest.advanceTimersByTime(59_999);
    expect(failures.isLocked(ADDRESS)).toBe(true);
    jest.advanceTimersByTime(1);
    expect(failures.isLocked(ADDRESS)).toBe(false);
    fail(19);
    expect(failures.isLocked(ADDRESS)).toBe(false);
  });

  it('does not prolong the lock for failures in it', () => {
    fail(20);
    jest.advanceTimersByTime(30_000);
    fail(100);
    jest.advanceTimersByTime(30_000);
    expect(failures.isLocked(ADDRESS)).toBe(false);
  });

  it('forgets failures after a minute', () => {
    fail(19);
    jest.advanceTimersByTime(60_000);
    fail(1);
    expect(failures.isLocked(ADDRESS)).toBe(false);
  });

  it('counts an IPv6 network as one address, and other addresses apart', () => {
    for (let at = 0; at < 20; at++) failures.note(`2001:db8::${at.toString(16)}`);
    expect(failures.isLocked('2001:db8::ffff')).toBe(true);
    expect(failures.isLocked('2001:db8:0:1::1')).toBe(false);
    expect(failures.isLocked(ADDRESS)).toBe(false);
  });

  it('keeps a bounded number of addresses', () => {
    fail(20);
    for (let at = 0; at < 10_000; at++) failures.note(`10.0.${at >> 8}.${at & 255}`);
    expect(failures.isLocked(ADDRESS)).toBe(false);
  });
});
