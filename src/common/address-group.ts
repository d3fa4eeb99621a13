import { isIPv4, isIPv6, SocketAddress } from 'node:net';

/** What an IPv4 address begins with when it is written as an IPv6 one. */
const MAPPED = '::ffff:';

/** Pieces of 16 bits in an IPv6 address, and those of them that name a network (/64). */
const PIECES = 8;
const NETWORK_PIECES = 4;

/**
 * What everything that is counted for an IP address is counted by: an IPv4 address as it is, also if it is written as an
 * IPv6 one; of an IPv6 address its /64, which one subscriber has to itself. Other texts are returned as they are.
 * @param address in any spelling, with or without a zone
 */
export function addressGroup(address: string): string {
  if (isIPv4(address) || !isIPv6(address)) return address;
  const [withoutZone = ''] = address.split('%', 1);
  const normalised = new SocketAddress({ address: withoutZone, family: 'ipv6' }).address;
  const mapped = normalised.startsWith(MAPPED) ? normalised.slice(MAPPED.length) : '';
  return isIPv4(mapped) ? mapped : `${networkOf(normalised)}::/64`;
}

function networkOf(normalised: string): string {
  const [head = [], tail] = normalised.split('::').map(piecesOf);
  const zeros = Array<string>(tail ? PIECES - head.length - tail.length : 0).fill('0');
  return [...head, ...zeros, ...(tail ?? [])].slice(0, NETWORK_PIECES).join(':');
}

/** An IPv4 address at the end stands for two pieces, which are never a network's. */
function piecesOf(text: string): string[] {
  return text === '' ? [] : text.replace('.', ':').split(':');
}
