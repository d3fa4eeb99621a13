import type { IncomingMessage } from 'node:http';
import { clientAddress, compileTrust } from './client-address.js';

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
  ])('with proxied=%p, from %s with X-Forwarded-For %s: %s', (proxied, remote, forwarded, address) => {
    expect(clientAddress(request(remote, forwarded), compileTrust(proxied))).toBe(address);
  });
});
