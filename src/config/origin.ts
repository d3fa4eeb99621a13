/** Also allows schemes of apps, such as `capacitor://localhost`. */
const SCHEME = /^[a-z][a-z\d+.-]*:\/\//;
/**
 * The authority of a URL: a name, an IPv4 address or a bracketed IPv6 address, with an optional port; or nothing
 * (`file://`).
 */
const AUTHORITY = /^(?:(?:[\w~-]+(?:\.[\w~-]+)*\.?|\[[\da-f:.]+\])(?::\d+)?)?$/;
/** Maximum length of an origin. A domain name has up to 253 characters. */
const MAX_LENGTH = 320;

const SUBDOMAINS = '://*.';

/** The `cors` entry that matches all origins. */
export const ANY_ORIGIN = '*';
/** The Origin header of pages without an origin, such as sandboxed frames. */
export const NO_ORIGIN = 'null';

/**
 * Normalises an origin: lower case, punycode, no default port, no trailing slash.
 * @returns undefined for any other text, such as a URL with a path, a query or a user
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
 * Normalises an entry of `cors`: `*`, `null`, an origin, or a wildcard for subdomains (`https://*.example.com`).
 * @returns undefined if the entry matches no origin that a browser sends
 */
export function parseCorsEntry(text: string): string | undefined {
  const entry = text.toLowerCase();
  if (entry === ANY_ORIGIN || entry === NO_ORIGIN) return entry;
  // WebSocket URLs have these schemes, but no page does.
  if (/^wss?:/.test(entry)) return undefined;
  const origin = parseOrigin(entry.replace(SUBDOMAINS, '://'));
  return origin && entry.includes(SUBDOMAINS) ? origin.replace('://', SUBDOMAINS) : origin;
}

/** Suggests a correction for an entry that `parseCorsEntry` rejects, if there is one. */
export function suggestCorsEntry(text: string): string | undefined {
  const entry = text.trim().toLowerCase();
  const scheme = /^(?:http|ws):/.test(entry) ? 'http' : 'https';
  const authority = entry
    .replace(SCHEME, '')
    .replace(/[/?#].*/, '')
    .replace(/.*@/, '');
  return parseCorsEntry(`${scheme}://${authority}`);
}

/** Returns the `cors` entries that match a normalised origin: itself, and the wildcards of all its parent domains. */
export function entriesFor(origin: string): string[] {
  const [scheme = '', authority = ''] = origin.split('://');
  const labels = authority.split('.');
  return [origin, ...labels.slice(1).map((_, i) => `${scheme}${SUBDOMAINS}${labels.slice(i + 1).join('.')}`)];
}

/** Does not use `URL.canParse`: once V8 has optimised a caller, Node 20 rejects internationalized names ("ü") there. */
function urlOf(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
