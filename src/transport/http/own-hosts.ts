import { isIPv4 } from 'node:net';
import { type Authority, parseAuthority } from '../../config/authority.js';

const DEFAULT_PORTS = ['80', '443'];

/** The server's names from the option `hosts`. Without names, the server serves every host that a request names. */
export class OwnHosts {
  private readonly named: readonly Authority[];

  constructor(hosts: readonly string[]) {
    this.named = hosts.map(parseAuthority).filter((authority) => authority !== undefined);
  }

  get areNamed(): boolean {
    return this.named.length > 0;
  }

  /** Whether a host, with or without a port, is one of the names. A name without a port matches all ports. */
  include(text: string): boolean {
    const authority = parseAuthority(text);
    return authority !== undefined && this.named.some((name) => matches(name, authority));
  }

  /**
   * Whether the server answers requests for a host. It always does for IP addresses and localhost, which no foreign DNS
   * controls.
   */
  serve(text: string): boolean {
    if (!this.areNamed || this.include(text)) return true;
    const host = parseAuthority(text)?.host ?? '';
    return host === 'localhost' || host.startsWith('[') || isIPv4(host);
  }
}

function matches(name: Authority, { host, port }: Authority): boolean {
  if (name.host !== host) return false;
  return name.port === '' || name.port === port || (port === '' && DEFAULT_PORTS.includes(name.port));
}
