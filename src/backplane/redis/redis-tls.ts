import type { ConnectionOptions } from 'node:tls';
import { readAuthorities } from '../../config/pem-files.js';
import { keyPairOf } from '../../config/redis-rules.js';
import { parseRedisUrl } from '../../config/redis-url.js';
import type { ClusterOptions } from '../../config/sections/cluster.options.js';

/**
 * Returns the TLS settings of connections to Redis and to its sentinels, with the configured files.
 * @returns undefined for a URL without TLS
 * @throws ConfigError with one line that names the option and the file, if a file cannot be used
 */
export function redisTls(options: ClusterOptions): ConnectionOptions | undefined {
  if (!parseRedisUrl(options.redis)?.tls) return undefined;
  const { redisCaFile, redisCertFile, redisKeyFile, redisTlsServerName } = options;
  return {
    ...(redisCaFile !== '' && { ca: readAuthorities({ option: 'redisCaFile', path: redisCaFile }) }),
    ...(redisCertFile !== '' && keyPairOf(redisKeyFile, redisCertFile)),
    ...(redisTlsServerName !== '' && { servername: redisTlsServerName }),
  };
}
