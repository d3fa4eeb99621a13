import { ReadableFile, SecretFile } from '../file-rules.js';
import { Option } from '../option.js';
import { HoldsAuthorities, HoldsKeyPair, NeedsRedisTls, RedisUrl } from '../redis-rules.js';
import { Flag, Integer, Text, TogetherWith } from '../rules.js';
import { DAY_MS } from '../units.js';

/** How nodes act as one server through Redis. */
export class ClusterOptions {
  @Option(
    'URL of the Redis through which several nodes act as one server: redis://, rediss:// (TLS), redis-cluster:// or redis-sentinel://; empty means a single node.',
    { section: 'Cluster', secret: true },
  )
  @RedisUrl()
  readonly redis: string = '';

  @Option('File with the value of redis.')
  @SecretFile('redis')
  readonly redisFile: string = '';

  @Option(
    'Certificates of the authorities that Redis and its sentinels may have their certificates from, a PEM file; empty means the authorities that Node knows.',
  )
  @ReadableFile()
  @NeedsRedisTls()
  @HoldsAuthorities()
  readonly redisCaFile: string = '';

  @Option('Certificate with its chain that the server shows Redis and its sentinels, a PEM file.')
  @ReadableFile()
  @NeedsRedisTls()
  @TogetherWith('redisKeyFile')
  @HoldsKeyPair()
  readonly redisCertFile: string = '';

  @Option('Private key of redisCertFile, a PEM file.')
  @ReadableFile()
  readonly redisKeyFile: string = '';

  @Option(
    'Host name that the certificates of Redis and its sentinels must be for, also sent to them (SNI); empty means the host that is connected to.',
  )
  @Text({ maxLength: 253, matches: /^(?!.*\.\d+$)[\w.-]*$/, allowed: 'a host name, no IP address,' })
  @NeedsRedisTls()
  readonly redisTlsServerName: string = '';

  @Option('Prefix of all keys in Redis. Nodes with the same prefix form a cluster.')
  @Text({ minLength: 1, maxLength: 64, matches: /^[\w.:-]+$/, allowed: 'letters, digits, ".", "_", ":" and "-"' })
  readonly redisPrefix: string = 'signalbox';

  @Option('Maximum time for an answer from Redis.', { unit: 'ms' })
  @Integer(50, 60_000)
  readonly redisTimeoutMs: number = 1000;

  @Option('Time without a heartbeat after which a node is declared dead and its clients are removed.', { unit: 'ms' })
  @Integer(500, DAY_MS)
  readonly nodeTimeoutMs: number = 2200;

  @Option(
    'Whether new clients are accepted while Redis is unavailable. Until it is back, they see only clients of their own node.',
  )
  @Flag()
  readonly serveWithoutRedis: boolean = false;
}
