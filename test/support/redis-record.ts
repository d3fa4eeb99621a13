import { Redis } from 'ioredis';
import { atTeardown } from './teardown.js';

/** Records the commands that a Redis gets, those of scripts included, and reads all that it holds. */
export class RedisRecord {
  /** Commands with their arguments. */
  readonly commands: string[] = [];

  private constructor(private readonly redis: Redis) {}

  /** Resolves when the recording has begun. It ends with the test. */
  static async start(url: string): Promise<RedisRecord> {
    const redis = new Redis(url);
    const monitor = await redis.monitor();
    const record = new RedisRecord(redis);
    monitor.on('monitor', (_: string, args: string[]) => record.commands.push(args.join(' ')));
    atTeardown(() => {
      monitor.disconnect();
      redis.disconnect();
    });
    return record;
  }

  /** Returns all keys with their values, as texts. */
  async contents(): Promise<string[]> {
    const contents: string[] = [];
    for await (const keys of this.redis.scanStream({ count: 1000 }) as AsyncIterable<string[]>) {
      for (const key of keys) contents.push(JSON.stringify([key, await this.valueOf(key)]));
    }
    return contents;
  }

  /** @throws Error for a type of values that this cannot read */
  private async valueOf(key: string): Promise<unknown> {
    const type = await this.redis.type(key);
    switch (type) {
      case 'string':
        return this.redis.get(key);
      case 'hash':
        return this.redis.hgetall(key);
      case 'list':
        return this.redis.lrange(key, 0, -1);
      case 'set':
        return this.redis.smembers(key);
      case 'zset':
        return this.redis.zrange(key, '0', '-1');
      case 'stream':
        return this.redis.xrange(key, '-', '+');
      case 'none':
        // It has expired since the scan.
        return undefined;
      default:
        throw new Error(`a value of the type ${type}`);
    }
  }
}
