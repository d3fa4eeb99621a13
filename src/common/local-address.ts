import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { unmapped } from './address-group.js';

/** Read for every connection: a BlockList costs 15 us for each IPv4 address, an expression much less than 1. */
const LOCAL_IPV4 = /^(127|10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))\./;

const LOCAL_IPV6 = new BlockList();
LOCAL_IPV6.addAddress('::1', 'ipv6');
LOCAL_IPV6.addSubnet('fc00::', 7, 'ipv6');
LOCAL_IPV6.addSubnet('fe80::', 10, 'ipv6');

/**
 * Whether an IP address is a loopback, private or link-local address, which may be a proxy's. A missing address is
 * local: the peer is connected to a Unix socket.
 */
export function isLocalAddress(address: string): boolean {
  if (address === '') return true;
  const plain = unmapped(address);
  if (isIPv4(plain)) return LOCAL_IPV4.test(plain);
  return isIPv6(address) && LOCAL_IPV6.check(address.replace(/%.*/s, ''), 'ipv6');
}
