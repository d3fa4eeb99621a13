import type { IncomingMessage } from 'node:http';
import proxyaddr from 'proxy-addr';

const IPV4_IN_IPV6 = '::ffff:';

/** Says whether the proxy with this address, so many hops away, is believed. */
export type Trust = (address: string, hop: number) => boolean;

/** Reads a value of Express's "trust proxy": all, none (undefined), a number of hops, or addresses and subnets. */
export function compileTrust(proxied: boolean | number | string): Trust | undefined {
  if (typeof proxied === 'boolean') return proxied ? () => true : undefined;
  if (typeof proxied === 'number') return (_, hop) => hop < proxied;
  return proxyaddr.compile(proxied.split(',').map((subnet) => subnet.trim()));
}

/**
 * The IP address that a request comes from: the sender of the TCP connection or, behind trusted proxies, the last address
 * in X-Forwarded-For that none of them stands for. IPv4 addresses in their usual form also on an IPv6 socket.
 */
export function clientAddress(request: IncomingMessage, trust: Trust | undefined): string {
  const address = (trust ? proxyaddr(request, trust) : request.socket.remoteAddress) ?? '';
  return address.startsWith(IPV4_IN_IPV6) ? address.slice(IPV4_IN_IPV6.length) : address;
}
