import { blockedRange } from './blocked-range.js';

describe('blockedRange', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['203.0.113.0/24', '203.0.113.0/24'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['2001:db8::/016', '2001:db8::/16'],
  ])('of %s is %s', (text, range) => {
    expect(blockedRange(text)).toBe(range);
  });

  it.each([
    '',
    'localhost',
    '203.0.113',
    '0.0.0.0/0',
    '10.0.0.0/7',
    '::/0',
    '2000::/15',
    '203.0.113.0/33',
    '1.2.3.4/x',
  ])('does not exist for %j', (text) => {
    expect(blockedRange(text)).toBeUndefined();
  });
});
