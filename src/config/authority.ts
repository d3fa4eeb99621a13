import { parseOrigin } from './origin.js';

/** What a browser connects to: a host in its one spelling, and its port; empty for the default port, or for any. */
export interface Authority {
  readonly host: string;
  readonly port: string;
}

/**
 * Reads a host with or without a port, as in the header Host.
 * @returns undefined for a text that is neither
 */
export function parseAuthority(text: string): Authority | undefined {
  const origin = parseOrigin(`http://${text}`);
  if (origin === undefined || text.endsWith('/')) return undefined;
  const { hostname } = new URL(origin);
  return { host: hostname.replace(/\.$/, ''), port: /:(\d+)$/.exec(text)?.[1] ?? '' };
}
