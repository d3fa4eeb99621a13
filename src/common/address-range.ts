import { BlockList, isIPv4, isIPv6, SocketAddress } from 'node:net';
import { unmapped } from './address-group.js';

const PREFIX = /^\d{1,3}$/;

/** Whether an IP address is in a range. */
export type AddressRange = (address: string) => boolean;

/**
 * Compiles an IP address (`203.0.113.9`, `2001:db8::1`) or a range in CIDR notation (`203.0.113.0/24`).
 * @returns undefined for any other text
 */
export function compileRange(text: string): AddressRange | undefined {
  const [base = '', prefix, ...rest] = text.split('/');
  const plain = unmapped(base);
  const family = isIPv4(plain) ? 'ipv4' : isIPv6(plain) && !plain.includes('%') ? 'ipv6' : undefined;
  if (!family || rest.length > 0) return undefined;
  const { address: network } = new SocketAddress({ address: plain, family });
  if (prefix === undefined) return (address) => address === network;
  const bits = Number(prefix);
  if (!PREFIX.test(prefix) || bits > (family === 'ipv4' ? 32 : 128) || plain !== base) return undefined;
  const list = new BlockList();
  list.addSubnet(network, bits, family);
  return (address) => (family === 'ipv4' ? isIPv4(address) : isIPv6(address)) && list.check(address, family);
}
