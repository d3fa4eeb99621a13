import { isLocalAddress } from './local-address.js';

describe('isLocalAddress', () => {
  it.each([
    '127.0.0.1',
    '127.255.255.255',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.0.1',
    '::1',
    '::ffff:10.0.0.1',
    'fc00::1',
    'fdff::1',
    'fe80::1%eth0',
    'febf::1',
    '',
  ])('is true for %p', (address) => {
    expect(isLocalAddress(address)).toBe(true);
  });

  it.each([
    '128.0.0.1',
    '11.0.0.1',
    '172.32.0.1',
    '192.169.0.1',
    '::2',
    '::ffff:8.8.8.8',
    'fec0::1',
    '2001:db8::1',
    'x',
  ])('is false for %p', (address) => {
    expect(isLocalAddress(address)).toBe(false);
  });
});
