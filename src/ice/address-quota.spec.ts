import { AddressQuota } from './address-quota.js';

it('admits as many requests of an address in a minute', () => {
  const quota = new AddressQuota(() => 3);
  expect([1, 2, 3, 4, 5].map(() => quota.take('203.0.113.9', 0))).toEqual([true, true, true, false, false]);
  expect(quota.take('203.0.113.10', 0)).toBe(true);
  expect(quota.take('203.0.113.9', 19_999)).toBe(false);
  expect(quota.take('203.0.113.9', 20_000)).toBe(true);
});

it('counts the addresses of a /64 network together', () => {
  const quota = new AddressQuota(() => 1);
  expect(quota.take('2001:db8::1', 0)).toBe(true);
  expect(quota.take('2001:db8::2', 0)).toBe(false);
  expect(quota.take('2001:db8:0:1::1', 0)).toBe(true);
});

it('keeps an address in mind until it has its whole quota again', () => {
  const quota = new AddressQuota(() => 60);
  for (let i = 0; i < 60; i++) quota.take('203.0.113.9', 59_000);
  expect(quota.take('203.0.113.9', 60_000)).toBe(true);
  expect(quota.take('203.0.113.9', 60_000)).toBe(false);
});
