import { shareOf, sharingGroup } from './address-share.js';

it.each([
  ['203.0.113.9', '203.0.113.9'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['127.0.0.1', undefined],
  ['::1', undefined],
  ['10.1.2.3', undefined],
  ['fd00::1', undefined],
  ['', undefined],
])('%p counts to the share of %p', (address, group) => {
  expect(sharingGroup(address)).toBe(group);
});

it.each([
  [100, 50, 50],
  [3, 50, 2],
  [1, 10, 1],
  [0, 50, 0],
  [64 * 1024 ** 3, 100, 64 * 1024 ** 3],
])('of %d, %d percent is %d', (total, percent, share) => {
  expect(shareOf(total, percent)).toBe(share);
});
