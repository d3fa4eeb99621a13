import { ValidateBy } from '../common/class-validator.js';
import { type KeyPair, readAuthorities, readKeyPair } from './pem-files.js';
import { isReadableFile } from './readable-file.js';
import { parseRedisUrl } from './redis-url.js';
import { rule } from './rule.js';

/** The options that name TLS files for Redis. */
interface TlsFiles {
  readonly redisCaFile?: string;
  readonly redisCertFile?: string;
  readonly redisKeyFile?: string;
}

/** A Redis URL, or empty. */
export function RedisUrl(): PropertyDecorator {
  const allowed = 'a URL such as redis://HOST:6379, redis-cluster://HOST,HOST or redis-sentinel://HOST,HOST/GROUP';
  return rule({ kind: 'text', allowed }, (value) => {
    return value === '' || (typeof value === 'string' && parseRedisUrl(value) !== undefined);
  });
}

/** Requires that the option `redis`, if it is set, is a URL with TLS: other connections would not use this option. */
export function NeedsRedisTls(): PropertyDecorator {
  return ValidateBy({
    name: 'needsRedisTls',
    validator: {
      validate: (value: unknown, args) => {
        const url: unknown = args && Reflect.get(args.object, 'redis');
        if (value === '' || typeof url !== 'string' || url === '') return true;
        return parseRedisUrl(url)?.tls ?? true;
      },
      defaultMessage: () => 'needs a URL with TLS in redis, such as rediss://HOST:6379',
    },
  });
}

/** Requires that the file holds certificates of authorities. */
export function HoldsAuthorities(): PropertyDecorator {
  return Read(({ redisCaFile: path }) => isReadableFile(path) && readAuthorities({ option: 'redisCaFile', path }));
}

/** Requires that `redisCertFile` and `redisKeyFile` hold a certificate and its key. */
export function HoldsKeyPair(): PropertyDecorator {
  return Read(
    ({ redisCertFile: cert, redisKeyFile: key }) => isReadableFile(cert) && isReadableFile(key) && keyPairOf(key, cert),
  );
}

/** Returns the certificate that the server shows Redis, and its key. */
export function keyPairOf(redisKeyFile: string, redisCertFile: string): KeyPair {
  const keyFile = { option: 'redisKeyFile', path: redisKeyFile };
  return readKeyPair(keyFile, { option: 'redisCertFile', path: redisCertFile });
}

/** @param read throws an Error for options whose files cannot be used; other rules reject files that cannot be read */
function Read(read: (options: TlsFiles) => unknown): PropertyDecorator {
  const faultOf = (options: object = {}): string | undefined => {
    try {
      read(options);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
  return ValidateBy({
    name: 'readFiles',
    validator: {
      validate: (_, args) => faultOf(args?.object) === undefined,
      defaultMessage: (args) => `cannot be used: ${faultOf(args?.object)}`,
    },
  });
}
