import { parseOrigin } from './origin.js';

/** A normalised host, and its port; an empty port means the default port, or any. */
export interface Authority {
  readonly host: string;
  readonly port: string;
}

/**
 * Parses a host with an optional port, as in the Host header.
 * @returns undefined for any other text
 */
export function parseAuthority(text: string): Authority | undefined {
  const origin = parseOrigin(`http://${text}`);
  if (origin === undefined || text.endsWith('/')) return undefined;
  const { hostname } = new URL(origin);
  return { host: hostname.replace(/\.$/, ''), port: /:(\d+)$/.exec(text)?.[1] ?? '' };
}
