import type { LookupAddress } from 'node:dns';
import { isPublicAddress, publicLookup } from './public-address.js';

describe('isPublicAddress', () => {
  it.each([
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '192.0.0.8',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:192.168.1.1',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd12:3456::1',
    'ff02::1',
    '2001:0:7f00:1::',
    '2002:7f00:1::',
  ])('refuses %s', (address) => expect(isPublicAddress(address)).toBe(false));

  it.each(['1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8', '2a00:1450::1'])(
    'allows %s',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );
});

describe('publicLookup', () => {
  const found = (name: string): Promise<string | LookupAddress[]> =>
    new Promise((resolve, reject) => {
      publicLookup(name, {}, (error, address) => (error ? reject(error) : resolve(address)));
    });

  it('refuses a name with a private address', async () => {
    await expect(found('localhost')).rejects.toThrow('private address');
  });

  it('fails for a name without an address', async () => {
    await expect(found('no-such-host.invalid')).rejects.toThrow();
  });

  it('resolves to a public address', async () => {
    // A literal needs no name server.
    await expect(found('1.1.1.1')).resolves.toBe('1.1.1.1');
  });
});
