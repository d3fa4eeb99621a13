import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIPv4, type LookupFunction } from 'node:net';
import { unmapped } from '../common/address-group.js';

/** Loopback, private, link-local, multicast and reserved addresses. */
const NOT_PUBLIC = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  NOT_PUBLIC.addSubnet(net, bits, 'ipv4');
}

/** The addresses of IPv6 that are assigned to the internet, and those in them that lead to IPv4. */
const GLOBAL_IPV6 = new BlockList();
GLOBAL_IPV6.addSubnet('2000::', 3, 'ipv6');
const TRANSITION_IPV6 = new BlockList();
TRANSITION_IPV6.addSubnet('2001::', 32, 'ipv6');
TRANSITION_IPV6.addSubnet('2002::', 16, 'ipv6');

/** Whether an IP address is one of the internet: not loopback, private, link-local, multicast or reserved. */
export function isPublicAddress(address: string): boolean {
  const plain = unmapped(address.replace(/%.*/s, ''));
  if (isIPv4(plain)) return !NOT_PUBLIC.check(plain, 'ipv4');
  return GLOBAL_IPV6.check(plain, 'ipv6') && !TRANSITION_IPV6.check(plain, 'ipv6');
}

/** Resolves names as the system does, and fails for a name with an address that is not public. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  systemLookup(hostname, { ...options, all: true }, (error, found) => {
    const [first] = (found as LookupAddress[] | undefined) ?? [];
    if (error || !first) callback(error ?? new Error('no address'), '');
    else if (!found.every(({ address }) => isPublicAddress(address))) callback(new Error('private address'), '');
    else if (options.all === true) callback(null, found);
    else callback(null, first.address, first.family);
  });
};
