/** Lets `burst` frames pass at once and `perSecond` in the long run. */
export class TokenBucket {
  private tokens: number;
  private refilledAt: number;

  /** @param now milliseconds of a monotonic clock */
  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    now: number,
  ) {
    this.tokens = burst;
    this.refilledAt = now;
  }

  /** Takes one token; false if there is none. */
  take(now: number): boolean {
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.refilledAt) * this.perSecond) / 1000);
    this.refilledAt = now;
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }
}
