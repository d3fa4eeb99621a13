/** Rate and burst of a budget. One token pays for a small frame. */
export interface BudgetLimits {
  readonly framesPerSecond: number;
  readonly frameBurst: number;
}

/** Minimum wait for a shared debt. Many connections may wait for it, and each of them has a timer. */
const MIN_SHARED_WAIT_MS = 20;

/**
 * A bucket that fills at a steady rate, up to a burst. It can be overdrawn, and later tokens pay the debt. No debt is
 * larger than a burst. Times are in milliseconds of a monotonic clock.
 */
export class TokenBucket {
  private tokens: number;
  private refilledAt: number;

  constructor(
    private limits: BudgetLimits,
    now: number,
  ) {
    this.tokens = limits.frameBurst;
    this.refilledAt = now;
  }

  /** Sets the limits for the future. */
  limit(limits: BudgetLimits, now: number): void {
    this.tokens = Math.min(this.available(now), limits.frameBurst);
    this.limits = limits;
  }

  /** Takes tokens. Returns false if there were too few, which leaves a debt. */
  take(tokens: number, now: number): boolean {
    this.tokens = Math.max(this.available(now) - tokens, -this.limits.frameBurst);
    return this.tokens >= 0;
  }

  /** Returns the number of tokens; negative for a debt. */
  available(now: number): number {
    const { framesPerSecond, frameBurst } = this.limits;
    this.tokens = Math.min(frameBurst, this.tokens + ((now - this.refilledAt) * framesPerSecond) / 1000);
    this.refilledAt = now;
    return this.tokens;
  }

  /** Returns the milliseconds until the debt is paid; 0 if there is none. */
  debtMs(now: number): number {
    if (this.tokens >= 0) return 0;
    const tokens = this.available(now);
    return tokens < 0 ? Math.ceil((-tokens / this.limits.framesPerSecond) * 1000) : 0;
  }

  /** Returns how long one of the connections that share the bucket waits before it tries again; 0 without a debt. */
  sharedWaitMs(now: number): number {
    const debtMs = this.debtMs(now);
    return debtMs === 0 ? 0 : Math.max(debtMs, MIN_SHARED_WAIT_MS);
  }

  /** Whether the bucket holds a whole burst, like a new one. */
  isFull(now: number): boolean {
    return this.available(now) === this.limits.frameBurst;
  }
}
