import type { IncomingMessage } from 'node:http';
import { clientAddress, compileTrust, parseAddress } from './client-address.js';

const request = (remoteAddress: string, forwarded?: string): IncomingMessage =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage;

describe('clientAddress', () => {
  it.each([
    [false, '10.0.0.1', '192.0.2.7', '10.0.0.1'],
    [false, '::ffff:10.0.0.1', undefined, '10.0.0.1'],
    [true, '10.0.0.1', undefined, '10.0.0.1'],
    [true, '10.0.0.1', '192.0.2.7', '192.0.2.7'],
    [true, '10.0.0.1', '203.0.113.9, 192.0.2.7', '203.0.113.9'],
    [1, '10.0.0.1', '203.0.113.9, 192.0.2.7', '192.0.2.7'],
    [2, '10.0.0.1', '203.0.113.9, 192.0.2.7', '203.0.113.9'],
    [0, '10.0.0.1', '192.0.2.7', '10.0.0.1'],
    ['10.0.0.0/8', '10.0.0.1', '203.0.113.9, 192.0.2.7, 10.0.0.2', '192.0.2.7'],
    ['10.0.0.0/8, 192.0.2.7', '::ffff:10.0.0.1', '203.0.113.9, 192.0.2.7', '203.0.113.9'],
    ['loopback', '10.0.0.1', '192.0.2.7', '10.0.0.1'],
    ['loopback', '127.0.0.1', '192.0.2.7', '192.0.2.7'],
    // Ports, brackets and spellings.
    [true, '10.0.0.1', '203.0.113.9:1', '203.0.113.9'],
    [1, '10.0.0.1', '[2001:DB8::1]:443', '2001:db8::1'],
    ['10.0.0.0/8', '10.0.0.1', '203.0.113.9:5000, 10.0.0.2:80', '203.0.113.9'],
    ['2001:db8::/32', '2001:db8::5', '203.0.113.9, [2001:DB8:0:0::6]:1', '203.0.113.9'],
    ['fe80::/10', 'fe80::1%eth0', '203.0.113.9', '203.0.113.9'],
    // What is no address counts as one of the proxy that has written it.
    [true, '10.0.0.1', 'garbage', '10.0.0.1'],
    [true, '10.0.0.1', '203.0.113.9, unknown, 192.0.2.7', '192.0.2.7'],
    [2, '10.0.0.1', 'garbage, 192.0.2.7', '192.0.2.7'],
    ['10.0.0.0/8', '::ffff:10.0.0.1', '192.0.2.7, _hidden, 10.0.0.2', '10.0.0.2'],
    // Entries that are empty are none.
    [true, '10.0.0.1', '', '10.0.0.1'],
    [true, '10.0.0.1', ' , ,\t203.0.113.9 , ', '203.0.113.9'],
    [1, '10.0.0.1', '203.0.113.9, 192.0.2.7,', '192.0.2.7'],
  ])('with proxied=%p, from %s with X-Forwarded-For %s: %s', (proxied, remote, forwarded, address) => {
    expect(clientAddress(request(remote, forwarded), compileTrust(proxied))).toBe(address);
  });

  it('reads joined headers, and only the end of a very long one', () => {
    const many = `203.0.113.9${', 192.0.2.7'.repeat(1500)}`;
    expect(clientAddress(request('10.0.0.1', many), compileTrust(true))).toBe('192.0.2.7');
    expect(clientAddress(request('10.0.0.1', `203.0.113.9${','.repeat(16_000)}`), compileTrust(true))).toBe('10.0.0.1');
  });

  it('ignores a connection that is already closed', () => {
    expect(clientAddress({ socket: {}, headers: {} } as unknown as IncomingMessage, undefined)).toBe('');
  });
});

describe('parseAddress', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['203.0.113.9:65535', '203.0.113.9'],
    ['2001:db8::1', '2001:db8::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:0db8::0001', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25eth0]:1', 'fe80::1'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['::FFFF:cb00:7109', '203.0.113.9'],
    ['0:0:0:0:0:ffff:203.0.113.9', '203.0.113.9'],
    ['[::ffff:203.0.113.9]:80', '203.0.113.9'],
    ['::203.0.113.9', '::203.0.113.9'],
    ['::1', '::1'],
  ])('reads %s as %s', (text, address) => {
    expect(parseAddress(text)).toBe(address);
  });

  it.each([
    '',
    ' ',
    'unknown',
    'localhost',
    '203.0.113',
    '203.0.113.256',
    '203.0.113.09',
    '0x7f.0.0.1',
    '2130706433',
    '203.0.113.9:',
    '203.0.113.9:port',
    '203.0.113.9:1:2',
    '203.0.113.9/24',
    '[203.0.113.9]',
    '[2001:db8::1',
    '2001:db8::1]',
    '[2001:db8::1]443',
    '2001:db8::1::2',
    '2001:db8::g',
    '"2001:db8::1"',
    'for=203.0.113.9',
    '203.0.113.9 192.0.2.7',
    `fe80::1%${'x'.repeat(1000)}`,
  ])('refuses %j', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});
