import { BlockList, isIPv4, isIPv6 } from 'node:net';

const SUBNETS: readonly (readonly [address: string, prefix: number, family: 'ipv4' | 'ipv6'])[] = [
  ['127.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
];

const LOCAL = new BlockList();
for (const subnet of SUBNETS) LOCAL.addSubnet(...subnet);

/**
 * Whether an IP address is a loopback, private or link-local address, which may be a proxy's. A missing address is local: the
 * peer is connected to a Unix socket.
 */
export function isLocalAddress(address: string): boolean {
  if (address === '') return true;
  if (isIPv4(address)) return LOCAL.check(address, 'ipv4');
  return isIPv6(address) && LOCAL.check(address.replace(/%.*/s, ''), 'ipv6');
}
