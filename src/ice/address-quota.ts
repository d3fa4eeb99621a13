import { addressGroup } from '../common/address-group.js';
import { TokenBucket } from '../transport/bounds/token-bucket.js';

const MINUTE_S = 60;
const FORGET_AFTER_MS = 60_000;

/** Bounds the requests of each address (IPv6: /64) in a minute. Time is in milliseconds of a monotonic clock. */
export class AddressQuota {
  private readonly buckets = new Map<string, TokenBucket>();
  private sweptAtMs = 0;

  /** @param perMinute returns the number of requests; an address keeps the one of its first request */
  constructor(private readonly perMinute: () => number) {}

  /** Whether a request may be answered. It counts if so. */
  take(address: string, nowMs = performance.now()): boolean {
    this.forgetAbsent(nowMs);
    const group = addressGroup(address);
    let bucket = this.buckets.get(group);
    if (!bucket) {
      const perMinute = this.perMinute();
      const limits = { framesPerSecond: perMinute / MINUTE_S, frameBurst: perMinute };
      this.buckets.set(group, (bucket = new TokenBucket(limits, nowMs)));
    }
    return bucket.available(nowMs) >= 1 && bucket.take(1, nowMs);
  }

  /** Forgets addresses that have not asked for so long that they have their whole quota again. */
  private forgetAbsent(nowMs: number): void {
    if (nowMs - this.sweptAtMs < FORGET_AFTER_MS) return;
    this.sweptAtMs = nowMs;
    for (const [group, bucket] of this.buckets) if (bucket.isFull(nowMs)) this.buckets.delete(group);
  }
}
