import { isWithin, type PathTest } from '../../transport/http/cors.js';

/** The mount path without a slash at its end: empty for `/`, else like `/myapp`. */
export function mountPath(path: string): string {
  const bare = path.replace(/^\/+|\/+$/g, '');
  return bare === '' ? '' : `/${bare}`;
}

/** What clients ask for with any key. */
const WITH_KEY = ['id', 'peers'];
/** What clients of 0.3.x ask for beside their WebSocket, with a key, an id and a token. */
const WITH_TOKEN = ['id', 'offer', 'answer', 'candidate', 'leave'];

/**
 * Tells which paths, decoded and without a slash at the end, are PeerJS's: all at and below its mount path. At the root
 * the rest of the application is there, too; of that, PeerJS has the root itself, all below the WebSocket endpoint and
 * below a key, and what clients ask for with a wrong key.
 * @param isKey whether a key is served
 */
export function isPeerJsPath(mount: string, isKey: (key: string) => boolean): PathTest {
  if (mount !== '') return isWithin(mount);
  return (path) => {
    const [, first = '', ...rest] = path.split('/');
    if (first === '' ? rest.length === 0 : first === 'peerjs' || isKey(first)) return true;
    const last = rest.at(-1)?.toLowerCase() ?? '';
    return (rest.length === 1 && WITH_KEY.includes(last)) || (rest.length === 3 && WITH_TOKEN.includes(last));
  };
}
