import { costOf } from '../../common/cost.js';
import { type BudgetLimits, TokenBucket } from './token-bucket.js';

/** Frames of this many seconds, at the full rate, may wait until the debt of their sender is paid. */
const MAX_WAIT_S = 2;

/** How long a sender may stay in debt, beyond the time that the largest debt takes to pay. */
const MAX_OVERDUE_MS = 10_000;

/**
 * Bounds what one connection costs the server: `framesPerSecond` tokens in the long run, `frameBurst` at once. A small
 * frame costs one token, a large one more. The effects of a frame are charged when they are known, and may lead into
 * debt. No debt is larger than a burst, so that no operation is too expensive for a client that pauses after it.
 *
 * Times are in milliseconds of a monotonic clock.
 */
export class Budget {
  private readonly bucket: TokenBucket;
  /** Time at which the budget was used up; Infinity if it has recovered since. */
  private exhaustedAt = Infinity;
  /** Frames received in debt since then, less the tokens charged for the effects of frames. */
  private overdrawn = 0;

  constructor(
    private limits: BudgetLimits,
    now: number,
  ) {
    this.bucket = new TokenBucket(limits, now);
  }

  get framesPerSecond(): number {
    return this.limits.framesPerSecond;
  }

  /** Sets the rate. The burst stays. */
  limitRate(framesPerSecond: number, now: number): void {
    if (framesPerSecond === this.limits.framesPerSecond) return;
    this.limits = { ...this.limits, framesPerSecond };
    this.bucket.limit(this.limits, now);
  }

  /**
   * Pays for a received frame.
   * @returns false if the sender must be disconnected: it sent too many frames while in debt, or was in debt for too
   *   long
   */
  take(bytes: number, now: number): boolean {
    this.recover(now);
    const isAdmitted = this.pay(1, now) || this.mayWait(now);
    const more = costOf({ bytes });
    if (more > 0) this.charge(more, now);
    return isAdmitted;
  }

  /** Takes tokens for the effects of a frame, into debt if there are too few. */
  charge(tokens: number, now: number): void {
    this.recover(now);
    this.pay(tokens, now);
    this.overdrawn = Math.max(this.overdrawn - tokens, -this.limits.frameBurst);
  }

  /** Returns the milliseconds until the debt is paid; 0 if there is none. */
  debtMs(now: number): number {
    return this.bucket.debtMs(now);
  }

  /** Returns whether there were enough tokens. */
  private pay(tokens: number, now: number): boolean {
    if (this.bucket.take(tokens, now)) return true;
    this.exhaustedAt = Math.min(this.exhaustedAt, now);
    return false;
  }

  private mayWait(now: number): boolean {
    const { framesPerSecond, frameBurst } = this.limits;
    const maxDebtMs = (frameBurst / framesPerSecond) * 1000 + MAX_OVERDUE_MS;
    // At one frame per second, no frame may wait.
    return ++this.overdrawn <= (framesPerSecond - 1) * MAX_WAIT_S && now - this.exhaustedAt <= maxDebtMs;
  }

  /** Forgets earlier debts once the tokens of one second are available again. */
  private recover(now: number): void {
    if (this.exhaustedAt === Infinity && this.overdrawn === 0) return;
    const { framesPerSecond, frameBurst } = this.limits;
    if (this.bucket.available(now) < Math.min(framesPerSecond, frameBurst)) return;
    this.exhaustedAt = Infinity;
    this.overdrawn = 0;
  }
}
