import { isIPv4 } from 'node:net';
import { addressGroup, unmapped } from '../common/address-group.js';
import { compileRange } from '../common/address-range.js';

/** Shortest prefixes: a typing error must not block all clients. */
const MIN_PREFIX_IPV4 = 8;
const MIN_PREFIX_IPV6 = 16;

export const INVALID_RANGE =
  'address must be an IP address, or a range such as 192.0.2.0/24 of at least /8 (IPv6: /16)';

/**
 * Returns the range that the block of an address covers, in one spelling: an IPv4 address itself; the /64 of an IPv6
 * address, which usually belongs to one subscriber; a range in CIDR notation itself.
 * @returns undefined for any other text, and for a range that is too wide
 */
export function blockedRange(text: string): string | undefined {
  if (!compileRange(text)) return undefined;
  const [base = '', prefix] = text.toLowerCase().split('/');
  if (prefix === undefined) return addressGroup(unmapped(base));
  const min = isIPv4(base) ? MIN_PREFIX_IPV4 : MIN_PREFIX_IPV6;
  return Number(prefix) < min ? undefined : `${base}/${Number(prefix)}`;
}
