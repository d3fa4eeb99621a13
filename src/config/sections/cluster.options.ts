import { Option } from '../option.js';
import { Flag, Integer, RedisUrl, Text } from '../rules.js';
import { DAY_MS } from '../units.js';

/** How nodes act as one server through Redis. */
export class ClusterOptions {
  @Option(
    'URL of the Redis through which several nodes act as one server: redis://, rediss:// (TLS), redis-cluster:// or redis-sentinel://; empty means a single node.',
    { section: 'Cluster', secret: true },
  )
  @RedisUrl()
  readonly redis: string = '';

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
