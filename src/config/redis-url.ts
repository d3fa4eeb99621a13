export interface RedisHost {
  readonly host: string;
  readonly port: number;
}

/** The parts of a Redis URL. */
export interface RedisAddress {
  readonly kind: 'single' | 'cluster' | 'sentinel';
  readonly tls: boolean;
  /** The Redis server, some nodes of the cluster, or the sentinels. */
  readonly hosts: readonly RedisHost[];
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
  /** The name of the server group at the sentinels. */
  readonly group?: string;
}

const URL_FORM =
  /^(?<scheme>redis|rediss|valkey|valkeys)(?:-(?<kind>cluster|sentinel))?:\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^/@?#]+)(?:\/(?<path>[^?#]*))?$/;
const HOST = /^(?<host>\[[0-9a-f:.]+\]|[^:[\]\s]+)(?::(?<port>\d{1,5}))?$/i;
const DEFAULT_PORTS = { single: 6379, cluster: 6379, sentinel: 26_379 };

/**
 * Parses `redis://USER:PASSWORD@HOST:PORT/DB`, `redis-cluster://HOST:PORT,HOST:PORT` or
 * `redis-sentinel://HOST:PORT,HOST:PORT/GROUP/DB`; `rediss` is Redis over TLS, and `valkey` is an alias of `redis`.
 * @returns undefined for any other URL
 */
export function parseRedisUrl(url: string): RedisAddress | undefined {
  const parts = URL_FORM.exec(url)?.groups;
  if (!parts) return undefined;
  const kind = (parts.kind ?? 'single') as RedisAddress['kind'];
  const { hosts: list = '', scheme = '' } = parts;
  const hosts = list.split(',').map((text) => parseHost(text, DEFAULT_PORTS[kind]));
  const [username, password] = [decoded(parts.user), decoded(parts.password)];
  const segments = (parts.path ?? '').split('/').filter((segment) => segment !== '');
  const group = kind === 'sentinel' ? decoded(segments.shift()) : undefined;
  const db = Number(segments.shift() ?? 0);
  const isSound =
    hosts.every((host) => host !== undefined) &&
    (kind !== 'single' || hosts.length === 1) &&
    (kind !== 'cluster' || db === 0) &&
    (kind === 'sentinel') === (group !== undefined) &&
    Number.isSafeInteger(db) &&
    segments.length === 0;
  if (!isSound) return undefined;
  return {
    kind,
    tls: ['rediss', 'valkeys'].includes(scheme),
    hosts,
    username,
    password,
    db,
    group,
  };
}

/** Returns the hosts and ports of a Redis URL for logs, without user name and password. */
export function addressesOf(url: string): string {
  return (parseRedisUrl(url)?.hosts ?? []).map(({ host, port }) => `${host}:${port}`).join(', ');
}

function parseHost(text: string, defaultPort: number): RedisHost | undefined {
  const { host, port: digits } = HOST.exec(text.trim())?.groups ?? {};
  const port = Number(digits ?? defaultPort);
  if (host === undefined || port < 1 || port > 65_535) return undefined;
  return { host: host.replace(/^\[|\]$/g, ''), port };
}

function decoded(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    // Not percent-encoded: taken literally.
    return text;
  }
}
