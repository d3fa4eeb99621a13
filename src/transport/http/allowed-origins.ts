import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { ServerOptions } from '../../config/sections/server.options.js';
import { ANY_ORIGIN, entriesFor, NO_ORIGIN, parseCorsEntry, parseOrigin } from '../../config/origin.js';
import { compileTrust, peerAddress, type Trust } from './client-address.js';
import { OwnHosts } from './own-hosts.js';

/** Which pages may use the server, going by the origin that their browsers send. Programs that send none are not pages. */
export class AllowedOrigins {
  /** In the spelling of `parseCorsEntry`. */
  private readonly list: ReadonlySet<string>;
  private readonly isOpen: boolean;
  private readonly trust: Trust | undefined;
  private readonly hosts: OwnHosts;

  constructor({
    cors,
    proxied,
    hosts = [],
  }: Pick<ServerOptions, 'cors' | 'proxied'> & Partial<Pick<ServerOptions, 'hosts'>>) {
    this.hosts = new OwnHosts(hosts);
    this.list = new Set(cors.map((entry) => parseCorsEntry(entry) ?? entry));
    this.isOpen = this.list.size === 0 || this.list.has(ANY_ORIGIN);
    this.trust = compileTrust(proxied);
  }

  /** Whether the page that has sent a request may: any page without a list, else those of the list and the server's own. */
  allows(request: IncomingMessage): boolean {
    const text = request.headers.origin;
    if (this.isOpen || text === undefined) return true;
    if (text === NO_ORIGIN) return this.list.has(NO_ORIGIN);
    const origin = parseOrigin(text);
    if (origin === undefined) return false;
    return entriesFor(origin).some((entry) => this.list.has(entry)) || this.isOwn(origin, request);
  }

  /** Whether a request is for a name that is not the server's: somebody's DNS leads the browser here. */
  isMisdirected(request: IncomingMessage): boolean {
    const name = this.forwarded(request, 'x-forwarded-host') ?? request.headers.host;
    return name !== undefined && !this.hosts.serve(name);
  }

  /**
   * Whether an origin is that of the server itself: one of its names or, if none are configured, the one that the request
   * uses. A page over http is not the server's own if the request came over TLS. The opposite may be: a proxy that nobody
   * has named can stand before the server.
   */
  private isOwn(origin: string, request: IncomingMessage): boolean {
    const [scheme] = origin.split('//');
    const isWeb = scheme === 'https:' || (scheme === 'http:' && !this.isSecure(request));
    if (this.hosts.areNamed) return isWeb && this.hosts.include(origin.slice(scheme.length + 2));
    return isWeb && this.authoritiesOf(request).some((authority) => parseOrigin(`${scheme}//${authority}`) === origin);
  }

  /** The names by which the browser may have asked for the server: that of the request, and that of a trusted proxy. */
  private authoritiesOf(request: IncomingMessage): string[] {
    const names = [request.headers.host, this.forwarded(request, 'x-forwarded-host')];
    return names.filter((name) => name !== undefined);
  }

  private isSecure(request: IncomingMessage): boolean {
    const scheme = this.forwarded(request, 'x-forwarded-proto')?.toLowerCase();
    return (request.socket as Partial<TLSSocket>).encrypted === true || scheme === 'https' || scheme === 'wss';
  }

  /** What a trusted proxy says that the browser has asked for. Of several proxies, the first one has seen the browser. */
  private forwarded(request: IncomingMessage, header: string): string | undefined {
    if (!this.trust?.(peerAddress(request), 0)) return undefined;
    return request.headers[header]?.toString().split(',', 1)[0]?.trim();
  }
}
