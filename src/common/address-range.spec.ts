import { compileRange } from './address-range.js';

describe('compileRange', () => {
  it.each([
    ['203.0.113.9', ['203.0.113.9'], ['203.0.113.90', '203.0.113.8', '']],
    ['::ffff:203.0.113.9', ['203.0.113.9'], ['203.0.113.8']],
    ['203.0.113.0/24', ['203.0.113.0', '203.0.113.255'], ['203.0.114.0', '::1', '']],
    ['0.0.0.0/0', ['203.0.113.9'], ['2001:db8::1', '']],
    ['2001:DB8:0::1', ['2001:db8::1'], ['2001:db8::2', '203.0.113.9']],
    ['2001:db8::/32', ['2001:db8::1', '2001:db8:ffff::'], ['2001:db9::', '203.0.113.9', '']],
  ])('%s', (text, inside, outside) => {
    const range = compileRange(text);
    expect(inside.map((address) => range?.(address))).toEqual(inside.map(() => true));
    expect(outside.map((address) => range?.(address))).toEqual(outside.map(() => false));
  });

  it.each([
    '',
    'localhost',
    '203.0.113',
    '203.0.113.0/',
    '203.0.113.0/33',
    '203.0.113.0/-1',
    '203.0.113.0/1.5',
    '::/129',
    '::1%eth0',
    '1.2.3.4/24/8',
    ' 1.2.3.4',
    '::ffff:1.2.3.4/96',
  ])('does not accept %j', (text) => {
    // prettier-ignore
    expect(compileRange(text)).toBeUndefined();
  });
});
