import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { ANY_ORIGIN, entriesFor, NO_ORIGIN, parseCorsEntry, parseOrigin } from '../../config/origin.js';
import type { ServerOptions } from '../../config/sections/server.options.js';
import { compileTrust, peerAddress, type Trust } from './client-address.js';
import { OwnHosts } from './own-hosts.js';

/**
 * Decides which pages may use the server, by the origin that their browsers send. A request without an origin is not
 * from a page.
 */
export class AllowedOrigins {
  /** Entries as `parseCorsEntry` spells them. */
  private list!: ReadonlySet<string>;
  private isOpen!: boolean;
  private readonly trust: Trust | undefined;
  private readonly hosts: OwnHosts;

  constructor({
    cors,
    proxied,
    hosts = [],
  }: Pick<ServerOptions, 'cors' | 'proxied'> & Partial<Pick<ServerOptions, 'hosts'>>) {
    this.hosts = new OwnHosts(hosts);
    this.trust = compileTrust(proxied);
    this.replace(cors);
  }

  /** Replaces the list of origins. */
  replace(cors: readonly string[]): void {
    this.list = new Set(cors.map((entry) => parseCorsEntry(entry) ?? entry));
    this.isOpen = this.list.size === 0 || this.list.has(ANY_ORIGIN);
  }

  /**
   * Whether the page that sent a request may use the server. Without a list all pages may, otherwise those on it and
   * the server's own.
   */
  allows(request: IncomingMessage): boolean {
    const text = request.headers.origin;
    if (this.isOpen || text === undefined) return true;
    if (text === NO_ORIGIN) return this.list.has(NO_ORIGIN);
    const origin = parseOrigin(text);
    if (origin === undefined) return false;
    return entriesFor(origin).some((entry) => this.list.has(entry)) || this.isOwn(origin, request);
  }

  /**
   * Whether a request names a host that is not this server: a foreign DNS name leads the browser here (DNS rebinding).
   */
  isMisdirected(request: IncomingMessage): boolean {
    const name = this.forwarded(request, 'x-forwarded-host') ?? request.headers.host;
    return name !== undefined && !this.hosts.serve(name);
  }

  /**
   * Whether an origin is the server's own: one of the configured hosts or, without any, the host that the request
   * names. An http origin is not the server's own if the request came over TLS. An https origin may be, if the request
   * came without TLS: a proxy that is not configured may terminate it.
   */
  private isOwn(origin: string, request: IncomingMessage): boolean {
    const [scheme] = origin.split('//');
    const isWeb = scheme === 'https:' || (scheme === 'http:' && !this.isSecure(request));
    if (this.hosts.areNamed) return isWeb && this.hosts.include(origin.slice(scheme.length + 2));
    return isWeb && this.authoritiesOf(request).some((authority) => parseOrigin(`${scheme}//${authority}`) === origin);
  }

  /**
   * Returns the hosts that the browser may have asked for: the one in the request, and the one that a trusted proxy
   * forwards.
   */
  private authoritiesOf(request: IncomingMessage): string[] {
    const names = [request.headers.host, this.forwarded(request, 'x-forwarded-host')];
    return names.filter((name) => name !== undefined);
  }

  private isSecure(request: IncomingMessage): boolean {
    const scheme = this.forwarded(request, 'x-forwarded-proto')?.toLowerCase();
    return (request.socket as Partial<TLSSocket>).encrypted === true || scheme === 'https' || scheme === 'wss';
  }

  /** Returns a forwarded header of a trusted proxy. Of several proxies, the first one has talked to the browser. */
  private forwarded(request: IncomingMessage, header: string): string | undefined {
    if (!this.trust?.(peerAddress(request), 0)) return undefined;
    return request.headers[header]?.toString().split(',', 1)[0]?.trim();
  }
}
