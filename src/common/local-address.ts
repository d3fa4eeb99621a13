import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Read for every connection: a BlockList costs 15 us for each IPv4 address, an expression much less than 1. */
const LOCAL_IPV4 = /^(127|10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))\./;

/** An IPv4 address in its IPv6 form. */
const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

const LOCAL_IPV6 = new BlockList();
LOCAL_IPV6.addAddress('::1', 'ipv6');
LOCAL_IPV6.addSubnet('fc00::', 7, 'ipv6');
LOCAL_IPV6.addSubnet('fe80::', 10, 'ipv6');

/**
 * Whether an IP address is a loopback, private or link-local address, which may be a proxy's. A missing address is local: the
 * peer is connected to a Unix socket.
 */
export function isLocalAddress(address: string): boolean {
  if (address === '') return true;
  if (isIPv4(address)) return LOCAL_IPV4.test(address);
  const mapped = MAPPED_IPV4.exec(address)?.[1];
  if (mapped !== undefined) return LOCAL_IPV4.test(mapped);
  return isIPv6(address) && LOCAL_IPV6.check(address.replace(/%.*/s, ''), 'ipv6');
}
