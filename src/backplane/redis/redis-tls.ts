import type { ConnectionOptions } from 'node:tls';
import { readAuthorities } from '../../config/pem-files.js';
import { keyPairOf } from '../../config/redis-rules.js';
import { parseRedisUrl } from '../../config/redis-url.js';
import type { ClusterOptions } from '../../config/sections/cluster.options.js';

type Files = Pick<ConnectionOptions, 'ca' | 'cert' | 'key'>;

/**
 * Returns the TLS settings of connections to Redis and to its sentinels. Each connection reads the files, so that it
 * gets certificates that were replaced meanwhile. While a file cannot be used, the former ones stay in use.
 * @returns undefined for a URL without TLS
 * @throws ConfigError with one line that names the option and the file, if a file cannot be used now
 */
export function redisTls(options: ClusterOptions): ConnectionOptions | undefined {
  if (!parseRedisUrl(options.redis)?.tls) return undefined;
  const { redisTlsServerName: servername } = options;
  let files = read(options);
  return {
    ...(servername !== '' && { servername }),
    // ioredis copies the members for each connection, this one first.
    get ca() {
      files = readAgain(options) ?? files;
      return files.ca;
    },
    get cert() {
      return files.cert;
    },
    get key() {
      return files.key;
    },
  };
}

function read({ redisCaFile, redisCertFile, redisKeyFile }: ClusterOptions): Files {
  return {
    ...(redisCaFile !== '' && { ca: readAuthorities({ option: 'redisCaFile', path: redisCaFile }) }),
    ...(redisCertFile !== '' && keyPairOf(redisKeyFile, redisCertFile)),
  };
}

function readAgain(options: ClusterOptions): Files | undefined {
  try {
    return read(options);
  } catch {
    // The files are being replaced, or wrong. The next connection tries again.
    return undefined;
  }
}
