import { isWithin, type PathTest } from '../../transport/http/cors.js';

/** Returns the mount path without a slash at its end: empty for `/`, otherwise like `/myapp`. */
export function mountPath(path: string): string {
  const bare = path.replace(/^\/+|\/+$/g, '');
  return bare === '' ? '' : `/${bare}`;
}

/** Returns the key in a path of clients; undefined for a path without one. */
export function keyIn(mount: string, path: string): string | undefined {
  return path.slice(mount.length).split('/')[1];
}

/** Last segments of clients' requests after a key. */
const WITH_KEY = ['id', 'peers', 'ice-servers'];
/** Last segments of requests of clients of 0.3.x after a key, an id and a token. */
const WITH_TOKEN = ['id', 'offer', 'answer', 'candidate', 'leave'];

/**
 * Returns a test for the paths of PeerJS, decoded and without a slash at the end. These are all paths at and below the
 * mount path. A mount path of `/` is shared with the rest of the application: then they are all paths below the
 * WebSocket endpoint and below a known key.
 * @param isKey whether the server accepts a key
 */
export function isPeerJsPath(mount: string, isKey: (key: string) => boolean): PathTest {
  if (mount !== '') return isWithin(mount);
  return (path) => {
    const [, first = ''] = path.split('/');
    return first === 'peerjs' || isKey(first);
  };
}

/**
 * Returns a test for the paths that PeerJS clients request, and whose answers they must be able to read. The others at
 * and below the mount path may be routes of the application, which decides who reads them.
 */
export function isPeerJsRequest(mount: string, isKey: (key: string) => boolean): PathTest {
  const isMount = isWithin(mount);
  const isRoute = isPeerJsRoute(mount, isKey);
  return (path) => {
    if (isRoute(path)) return true;
    const [, key = '', ...rest] = path.slice(mount.length).split('/');
    return (mount === '' ? isKey(key) : isMount(path)) && endsWithToken(rest);
  };
}

/** Returns a test for the paths that the controller answers, whatever routes the application has. */
export function isPeerJsRoute(mount: string, isKey: (key: string) => boolean): PathTest {
  const isMount = isWithin(mount);
  return (path) => {
    if (mount !== '' && !isMount(path)) return false;
    const [, key, ...rest] = path.slice(mount.length).split('/');
    if (key === undefined) return mount !== '';
    return endsWithOne(rest, WITH_KEY) && (mount !== '' || isKey(key));
  };
}

/**
 * Whether a path may belong to PeerJS if the application has no route for it, with a mount path of `/`: the root itself
 * and clients' requests with an unknown key.
 */
export function mayBePeerJsPath(path: string): boolean {
  const [, first = '', ...rest] = path.split('/');
  if (first === '') return rest.length === 0;
  return endsWithOne(rest, WITH_KEY) || endsWithToken(rest);
}

/** Whether the controller answers a path that may belong to PeerJS. */
export function mayBePeerJsRoute(path: string): boolean {
  const [, first = '', ...rest] = path.split('/');
  return first === '' ? rest.length === 0 : endsWithOne(rest, WITH_KEY);
}

function endsWithOne(segments: readonly string[], names: readonly string[]): boolean {
  return segments.length === 1 && names.includes(lastOf(segments));
}

function endsWithToken(segments: readonly string[]): boolean {
  return segments.length === 3 && WITH_TOKEN.includes(lastOf(segments));
}

function lastOf(segments: readonly string[]): string {
  return segments.at(-1)?.toLowerCase() ?? '';
}
