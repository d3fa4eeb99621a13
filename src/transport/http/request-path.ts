/** The target of a request (RFC 9112, 3.2): authority, if a proxy has sent the absolute form, path, and query. */
const TARGET = /^(https?:\/\/[^/?]*)?([^?]*)(.*)$/is;

/**
 * The target of a request as routes know it: without the prefix below which a proxy serves everything, whether the proxy has
 * kept or removed it, and with one slash where there are several.
 * @param basePath with a slash in front and none at its end, or empty
 */
export function internalTarget(target: string, basePath: string): string {
  // Of nearly all requests it is the same.
  if (!target.includes('//') && !(basePath !== '' && target.startsWith(basePath))) return target;
  const [, authority = '', path = '', query = ''] = TARGET.exec(target)!;
  const simple = path.replace(/\/{2,}/g, '/');
  const isPrefixed = basePath !== '' && (simple === basePath || simple.startsWith(`${basePath}/`));
  return `${authority}${(isPrefixed ? simple.slice(basePath.length) : simple) || '/'}${query}`;
}

/** The path of a URL, decoded, without the query string and a slash at its end. */
export function pathOf(target: string): string {
  const [, , path = ''] = TARGET.exec(target)!;
  return decoded(path.endsWith('/') ? path.slice(0, -1) : path);
}

function decoded(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    // Invalid percent-encoding: no route has this path.
    return path;
  }
}
