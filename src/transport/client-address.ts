import type { IncomingMessage } from 'node:http';

const IPV4_IN_IPV6 = '::ffff:';

/** The IP address that a request comes from; IPv4 addresses in their usual form also on an IPv6 socket. */
export function clientAddress(request: IncomingMessage): string {
  const address = request.socket.remoteAddress ?? '';
  return address.startsWith(IPV4_IN_IPV6) ? address.slice(IPV4_IN_IPV6.length) : address;
}
