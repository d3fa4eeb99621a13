/** The target of a request (RFC 9112, 3.2): authority, if a proxy sends the absolute form, path, and query. */
const TARGET = /^(https?:\/\/[^/?]*)?([^?]*)(.*)$/is;

/** Base for parsing the target of a request. */
const ANY_BASE = 'http://any';

/** Whether the target of a request can be parsed. Libraries throw for others. */
export function canBeRead(target = ''): boolean {
  return URL.canParse(target, ANY_BASE);
}

/**
 * Returns the target of a request as routes know it: without the prefix that a proxy adds, whether the proxy keeps or
 * removes it, and with single slashes.
 * @param basePath the prefix, with a slash at its start and none at its end, or empty
 */
export function internalTarget(target: string, basePath: string): string {
  // Nearly all targets stay the same.
  if (!target.includes('//') && !(basePath !== '' && target.startsWith(basePath))) return target;
  const [, authority = '', path = '', query = ''] = TARGET.exec(target)!;
  const simple = path.replace(/\/{2,}/g, '/');
  const isPrefixed = basePath !== '' && (simple === basePath || simple.startsWith(`${basePath}/`));
  return `${authority}${(isPrefixed ? simple.slice(basePath.length) : simple) || '/'}${query}`;
}

/** Returns the path of a target, decoded, without the query string and a slash at its end. */
export function pathOf(target: string): string {
  const [, , path = ''] = TARGET.exec(target)!;
  return decoded(path.endsWith('/') ? path.slice(0, -1) : path);
}

function decoded(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    // The percent-encoding is invalid, and no route has this path.
    return path;
  }
}
