/** Also of schemes that are not of the web, such as `capacitor://localhost`. */
const SCHEME = /^[a-z][a-z\d+.-]*:\/\//;
/** A host with or without a port, as URLs spell it: a name or IPv4 address, an IPv6 address in brackets, or none (`file://`). */
const AUTHORITY = /^(?:(?:[\w~-]+(?:\.[\w~-]+)*\.?|\[[\da-f:.]+\])(?::\d+)?)?$/;
/** Longest origin that is read; a domain name has up to 253 characters. */
const MAX_LENGTH = 320;

const SUBDOMAINS = '://*.';

/** The entry of `cors` for all origins. */
export const ANY_ORIGIN = '*';
/** What browsers send for pages that have no origin, such as sandboxed frames. */
export const NO_ORIGIN = 'null';

/**
 * Gives an origin its one spelling: lower case, punycode, no default port, no slash at the end.
 * @returns undefined for a text that is no origin, also because it has a path, a query or a user
 */
export function parseOrigin(text: string): string | undefined {
  const lower = text.toLowerCase();
  const url = lower.length <= MAX_LENGTH && SCHEME.test(lower) ? urlOf(lower) : undefined;
  if (!url) return undefined;
  const { protocol, host, pathname, search, hash, username, password } = url;
  const isBare = ['', '/'].includes(pathname) && search + hash + username + password === '';
  return isBare && AUTHORITY.test(host) ? `${protocol}//${host}` : undefined;
}

/**
 * Reads an entry of `cors`: `*`, `null`, an origin, or all subdomains of one (`https://*.example.com`).
 * @returns the entry in its one spelling; undefined if no browser sends an origin that it matches
 */
export function parseCorsEntry(text: string): string | undefined {
  const entry = text.toLowerCase();
  if (entry === ANY_ORIGIN || entry === NO_ORIGIN) return entry;
  // Pages have no origin of these schemes, only WebSockets have addresses of them.
  if (/^wss?:/.test(entry)) return undefined;
  const origin = parseOrigin(entry.replace(SUBDOMAINS, '://'));
  return origin && entry.includes(SUBDOMAINS) ? origin.replace('://', SUBDOMAINS) : origin;
}

/** What is probably meant by an entry that `parseCorsEntry` refuses, if that can be said. */
export function suggestCorsEntry(text: string): string | undefined {
  const entry = text.trim().toLowerCase();
  const scheme = /^(?:http|ws):/.test(entry) ? 'http' : 'https';
  const authority = entry
    .replace(SCHEME, '')
    .replace(/[/?#].*/, '')
    .replace(/.*@/, '');
  return parseCorsEntry(`${scheme}://${authority}`);
}

/** The entries of `cors` that match an origin in its one spelling: itself, and the subdomains of all domains above it. */
export function entriesFor(origin: string): string[] {
  const [scheme = '', authority = ''] = origin.split('://');
  const labels = authority.split('.');
  return [origin, ...labels.slice(1).map((_, i) => `${scheme}${SUBDOMAINS}${labels.slice(i + 1).join('.')}`)];
}

/** Not `URL.canParse`: once V8 has compiled a caller, Node 20 refuses names with letters such as "ü" there. */
function urlOf(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
