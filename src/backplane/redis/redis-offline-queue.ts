import { Injectable } from '@nestjs/common';
import { decodeSignal, encodeSignal } from '../../common/message-codec.js';
import type { Signal } from '../../common/signal.js';
import { LimitOptions } from '../../config/sections/limit.options.js';
import { QueueOptions } from '../../config/sections/queue.options.js';
import {
  type ExpiredPair,
  OfflineQueue,
  queuedBytes,
  queueLimits,
  type WaitingSignal,
} from '../../signaling/offline-queue.js';
import { Keys, qualified, unqualified } from './keys.js';
import { RedisConnection } from './redis-connection.js';

/** Most signals that one script deletes. */
const EXPIRED_AT_ONCE = 500;

/** OfflineQueue on Redis. */
@Injectable()
export class RedisOfflineQueue extends OfflineQueue {
  override readonly bytesHere = 0;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: Keys,
    private readonly options: QueueOptions,
    private readonly limits: LimitOptions,
  ) {
    super();
  }

  override async put({ realm, to, signal, address = '' }: WaitingSignal): Promise<boolean> {
    const names = [qualified(realm, to), qualified(realm, signal.from), address];
    const bytes = queuedBytes(to, signal);
    const answer = await this.redis.run(
      'enqueueSignal',
      this.keys.queue.base,
      ...names,
      bytes,
      encodeSignal(signal),
      ...queueLimits(this.options, this.limits).flat(),
    );
    return answer === 1;
  }

  override async take(realm: string, to: string): Promise<Signal[]> {
    const target = qualified(realm, to);
    const signals = await this.redis.runForBytes('takeSignals', this.keys.queue.base, target, this.options.queueTtlMs);
    return (signals as Buffer[]).map(decodeSignal);
  }

  override count(): Promise<number> {
    return this.redis.ask((client) => client.xlen(this.keys.queue.signals));
  }

  override async expire(): Promise<ExpiredPair[]> {
    const expired = new Map<string, ExpiredPair>();
    for (;;) {
      const names = await this.expireBatch();
      for (let i = 0; i < names.length; i += 2) {
        const [{ realm, id: to }, { id: from }] = [unqualified(names[i]!), unqualified(names[i + 1]!)];
        expired.set(JSON.stringify([realm, from, to]), { realm, from, to });
      }
      if (names.length < 2 * EXPIRED_AT_ONCE) return [...expired.values()];
    }
  }

  /** Deletes all signals, when the last node stops. */
  async clear(): Promise<void> {
    const { signals, signalsTo, shares } = this.keys.queue;
    const entries = await this.redis.ask((client) => client.xrange(signals, '-', '+'));
    const targets = new Set(entries.map(([, fields]) => fields[fields.indexOf('t') + 1]!));
    for (const target of targets) await this.redis.ask((client) => client.del(signalsTo(target)));
    await this.redis.ask((client) => client.del(signals, shares));
  }

  private async expireBatch(): Promise<string[]> {
    const { queueTtlMs } = this.options;
    return (await this.redis.run('expireSignals', this.keys.queue.base, queueTtlMs, EXPIRED_AT_ONCE)) as string[];
  }
}
