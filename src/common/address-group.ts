import { isIPv4, isIPv6, SocketAddress } from 'node:net';

/** Prefix of an IPv4 address that is written as an IPv6 address. */
const MAPPED = /^::ffff:(?=\d+\.)/i;

/** Number of 16-bit groups in an IPv6 address, and of those in its network prefix (/64). */
const PIECES = 8;
const NETWORK_PIECES = 4;

/**
 * Returns the group by which all limits for an IP address count: an IPv4 address itself, also in its IPv6 form; for an
 * IPv6 address its /64 network, which usually belongs to one subscriber. Other texts are returned unchanged.
 * @param address in any spelling, with or without a zone
 */
export function addressGroup(address: string): string {
  if (isIPv4(address) || !isIPv6(address)) return address;
  const [withoutZone = ''] = address.split('%', 1);
  const normalised = new SocketAddress({ address: withoutZone, family: 'ipv6' }).address;
  const plain = unmapped(normalised);
  return isIPv4(plain) ? plain : `${networkOf(normalised)}::/64`;
}

/** Returns an IPv4 address that is written as an IPv6 address as IPv4, and every other text unchanged. */
export function unmapped(address: string): string {
  return address.replace(MAPPED, '');
}

function networkOf(normalised: string): string {
  const [head = [], tail] = normalised.split('::').map(piecesOf);
  const zeros = Array<string>(tail ? PIECES - head.length - tail.length : 0).fill('0');
  return [...head, ...zeros, ...(tail ?? [])].slice(0, NETWORK_PIECES).join(':');
}

/** An IPv4 address at the end counts as two groups, which are never part of the network prefix. */
function piecesOf(text: string): string[] {
  return text === '' ? [] : text.replace('.', ':').split(':');
}
