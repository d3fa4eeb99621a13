import type { IncomingMessage } from 'node:http';
import { isIPv4, isIPv6, type Server, type Socket, SocketAddress } from 'node:net';
import proxyaddr from 'proxy-addr';
import { unmapped } from '../../common/address-group.js';

const LOOPBACK = '127.0.0.1';

/** `203.0.113.9:1` */
const IPV4_WITH_PORT = /^([\d.]+):\d{1,5}$/;
/** `[2001:db8::1]`, `[2001:db8::1]:443` */
const IPV6_IN_BRACKETS = /^\[([^\]]*:[^\]]*)\](?::\d{1,5})?$/;

/** Maximum number of entries read from X-Forwarded-For, empty ones included. A client can send thousands. */
const MAX_ENTRIES = 32;

/** Length of the longest address: IPv6 with an embedded IPv4 address, a zone, brackets and a port. */
const MAX_ENTRY_LENGTH = 80;

/** Whether the proxy with this address, `hop` hops away, is trusted. */
export type Trust = (address: string, hop: number) => boolean;

/** Compiles a value of Express's "trust proxy": all, none (undefined), a number of hops, or addresses and subnets. */
export function compileTrust(proxied: boolean | number | string): Trust | undefined {
  if (typeof proxied === 'boolean') return proxied ? () => true : undefined;
  if (typeof proxied === 'number') return (_, hop) => hop < proxied;
  return proxyaddr.compile(proxied.split(',').map((subnet) => subnet.trim()));
}

/**
 * Returns the IP address that a request comes from, as `parseAddress` spells it: the peer of the TCP connection or,
 * behind trusted proxies, the last address in X-Forwarded-For that is not a trusted proxy's. An entry that is no
 * address ends the search, and the request counts as one of the proxy that wrote the entry.
 */
export function clientAddress(request: IncomingMessage, trust: Trust | undefined): string {
  let address = peerAddress(request);
  if (!trust) return address;
  const entries = forwardedFor(request);
  for (let hop = 0; hop < entries.length && trust(address, hop); hop++) {
    const next = parseAddress(entries[hop]!);
    if (next === undefined) break;
    address = next;
  }
  return address;
}

/**
 * Returns the address of the other end of the connection, without regard to headers. For a Unix socket or a Windows
 * pipe it is the loopback address, and for a connection that has ended it is empty.
 */
export function peerAddress({ socket }: IncomingMessage): string {
  return parseAddress(socket.remoteAddress ?? '') ?? (isOfLocalServer(socket) ? LOOPBACK : '');
}

/** Whether the server of a socket listens on a Unix socket or a Windows pipe. Node stores the server in its sockets. */
function isOfLocalServer(socket: Socket & { readonly server?: Server }): boolean {
  return typeof socket.server?.address() === 'string';
}

/**
 * Parses an IP address, with or without brackets, port and zone. Returns its canonical spelling (RFC 5952), with IPv4
 * in IPv6 as IPv4, or undefined if the text is no address.
 */
export function parseAddress(text: string): string | undefined {
  // Also the peer of every IPv4 connection, because the server listens on "::". A SocketAddress costs 10 us.
  const plain = unmapped(text);
  if (isIPv4(plain)) return plain;
  if (text.length > MAX_ENTRY_LENGTH) return undefined;
  const bare = (IPV4_WITH_PORT.exec(text) ?? IPV6_IN_BRACKETS.exec(text))?.[1] ?? text;
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return undefined;
  const { address } = new SocketAddress({ address: bare.replace(/%.*/, ''), family: 'ipv6' });
  return unmapped(address);
}

/** Returns the entries of X-Forwarded-For, the nearest proxy's first. Node joins several headers with commas. */
function forwardedFor({ headers }: IncomingMessage): string[] {
  const header = String(headers['x-forwarded-for'] ?? '');
  const entries: string[] = [];
  let end = header.length;
  for (let read = 0; end > 0 && read < MAX_ENTRIES; read++) {
    const comma = header.lastIndexOf(',', end - 1);
    const entry = header.slice(comma + 1, end).trim();
    if (entry !== '') entries.push(entry);
    end = comma;
  }
  return entries;
}
