import { Injectable } from '@nestjs/common';
import { type ClaimedReader, EventCursors, KEPT_MS } from '../../events/event-cursors.js';
import { Keys } from './keys.js';
import { RedisConnection } from './redis-connection.js';

/** EventCursors on Redis. Leases end by the clock of Redis. */
@Injectable()
export class RedisEventCursors extends EventCursors {
  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: Keys,
  ) {
    super();
  }

  override async claim(reader: string, owner: string, leaseMs: number): Promise<ClaimedReader | undefined> {
    const { base } = this.keys.readers;
    const answer = (await this.redis.run('claimReader', base, reader, owner, leaseMs, KEPT_MS)) as [number, string?];
    return answer[0] === 0 ? undefined : { state: answer[1] };
  }

  override async save(reader: string, owner: string, state: string, leaseMs: number): Promise<boolean> {
    const { base } = this.keys.readers;
    return (await this.redis.run('saveReader', base, reader, owner, state, leaseMs, KEPT_MS)) === 1;
  }

  override async release(reader: string, owner: string): Promise<void> {
    await this.redis.run('releaseReader', this.keys.readers.base, reader, owner);
  }

  override async find(reader: string): Promise<string | undefined> {
    return (await this.redis.ask((client) => client.get(this.keys.readers.state(reader)))) ?? undefined;
  }
}
