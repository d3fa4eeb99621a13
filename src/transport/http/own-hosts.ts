import { isIPv4 } from 'node:net';
import { parseAuthority, type Authority } from '../../config/authority.js';

const DEFAULT_PORTS = ['80', '443'];

/** The names of the server, as the option `hosts` gives them; without it any name that a request has used may be one. */
export class OwnHosts {
  private readonly named: readonly Authority[];

  constructor(hosts: readonly string[]) {
    this.named = hosts.map(parseAuthority).filter((authority) => authority !== undefined);
  }

  get areNamed(): boolean {
    return this.named.length > 0;
  }

  /** Whether a host, with or without a port, is one of the names. A name without a port stands for all ports. */
  include(text: string): boolean {
    const authority = parseAuthority(text);
    return authority !== undefined && this.named.some((name) => matches(name, authority));
  }

  /** Whether a request for a host is meant for this server. DNS cannot make an address, or localhost, lead here from elsewhere. */
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
