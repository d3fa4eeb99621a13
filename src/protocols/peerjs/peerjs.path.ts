import { isWithin, type PathTest } from '../../transport/http/cors.js';

/** Returns the mount path without a slash at its end: empty for `/`, otherwise like `/myapp`. */
export function mountPath(path: string): string {
  const bare = path.replace(/^\/+|\/+$/g, '');
  return bare === '' ? '' : `/${bare}`;
}

/** Last segments of clients' requests after a key. */
const WITH_KEY = ['id', 'peers'];
/** Last segments of requests of clients of 0.3.x after a key, an id and a token. */
const WITH_TOKEN = ['id', 'offer', 'answer', 'candidate', 'leave'];

/**
 * Returns a test for the paths of PeerJS, decoded and without a slash at the end. These are all paths at and below the
 * mount path. A mount path of `/` is shared with the rest of the application: then they are the root itself, all paths
 * below the WebSocket endpoint and below a known key, and clients' requests with an unknown key.
 * @param isKey whether the server accepts a key
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
