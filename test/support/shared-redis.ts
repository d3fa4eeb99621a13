import { RedisCluster } from './redis-cluster.js';
import { RedisSentinel } from './redis-sentinel.js';
import { RedisServer, type SharedRedis } from './redis-server.js';

const START = {
  single: () => RedisServer.start(RedisServer.IN_MEMORY),
  cluster: () => RedisCluster.start(),
  sentinel: () => RedisSentinel.start(),
} satisfies Record<string, () => Promise<SharedRedis>>;

export type RedisKind = keyof typeof START;

/** Kinds of Redis to run a suite with: a single one by default, or those in TEST_REDIS, such as `cluster,sentinel`. */
export const REDIS_KINDS = (process.env.TEST_REDIS ?? 'single').split(',').map((kind) => {
  if (!Object.hasOwn(START, kind)) throw new Error(`TEST_REDIS: there is no ${kind}`);
  return kind as RedisKind;
});

/** Starts a Redis. `RedisServer.killAll` stops it. */
export function startRedis(kind: RedisKind): Promise<SharedRedis> {
  return START[kind]();
}
