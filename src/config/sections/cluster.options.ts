import { Option } from '../option.js';
import { Flag, Integer, RedisUrl, Text } from '../rules.js';
import { DAY_MS } from '../units.js';

/** How nodes act as one server through Redis. */
export class ClusterOptions {
  @Option(
    'Redis through which any number of nodes act as one server: redis://, rediss:// (TLS), redis-cluster:// or redis-sentinel://; empty is a single node.',
    { section: 'Many nodes', secret: true },
  )
  @RedisUrl()
  readonly redis: string = '';

  @Option('What the names of all keys in Redis begin with; nodes with the same one belong together.')
  @Text({ minLength: 1, maxLength: 64, matches: /^[\w.:-]+$/, allowed: 'letters, digits, ".", "_", ":" and "-"' })
  readonly redisPrefix: string = 'signalbox';

  @Option('Time that Redis may take to answer.', { unit: 'ms' })
  @Integer(50, 60_000)
  readonly redisTimeoutMs: number = 1000;

  @Option('Silence after which a node counts as dead, and the others give up its clients.', { unit: 'ms' })
  @Integer(500, DAY_MS)
  readonly nodeTimeoutMs: number = 2200;

  @Option(
    'Whether new clients are let in while Redis cannot be reached; until it is back, they meet those of their node.',
  )
  @Flag()
  readonly serveWithoutRedis: boolean = false;
}
