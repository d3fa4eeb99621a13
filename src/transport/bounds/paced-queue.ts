import { costOf } from '../../common/cost.js';
import { Budget } from './budget.js';
import type { BudgetLimits, TokenBucket } from './token-bucket.js';

type Work = () => void | Promise<void>;

/** Cost of a frame, in tokens, from which on the event loop takes a turn before the next frame of the same sender. */
const HEAVY = 16;

/** The owner of a PacedQueue. */
export interface QueueOwner {
  /** @internal Called with the error of a piece of work. */
  failed(error: unknown): void;
  /** @internal Called when the sender is in debt. The owner should not read from it until `idle`. */
  delayed(): void;
  /** @internal Called when all work is done, unless it was done at once. */
  idle(): void;
}

/**
 * Runs the work of one connection, one piece after the other. It runs a piece at once if no other is pending and the
 * sender has paid for all earlier ones. While the sender or its address is in debt, it starts no work.
 */
export class PacedQueue {
  private isWorking = false;
  private isLast = false;
  private isEnding = false;
  private waiting?: Work[];
  private rest?: NodeJS.Timeout;
  private readonly budget: Budget;

  constructor(
    private readonly owner: QueueOwner,
    limits: BudgetLimits,
    /** Shared by all connections of the sender's address; undefined if the address has no bounds. */
    private readonly shared: TokenBucket | undefined,
  ) {
    this.budget = new Budget(limits, performance.now());
  }

  /** Whether work is pending, or must wait for a debt. */
  get isBusy(): boolean {
    return this.isWorking || this.rest !== undefined;
  }

  /** Number of pieces that wait. */
  get length(): number {
    return this.waiting?.length ?? 0;
  }

  /** Pays for a received frame. Returns false if its sender must be disconnected. */
  admit(bytes: number): boolean {
    const now = performance.now();
    const isAdmitted = this.budget.take(bytes, now);
    this.shared?.take(costOf({ bytes }), now);
    if (isAdmitted) this.payFirst(now);
    return isAdmitted;
  }

  /** Sets the sustained rate of the sender. */
  limitRate(framesPerSecond: number): void {
    this.budget.limitRate(framesPerSecond, performance.now());
  }

  /** Frames per second that the sender may send in the long run. */
  get framesPerSecond(): number {
    return this.budget.framesPerSecond;
  }

  /** Takes tokens for the effects of a frame. */
  charge(tokens: number): void {
    if (tokens === 0) return;
    const now = performance.now();
    this.budget.charge(tokens, now);
    this.shared?.take(tokens, now);
    this.payFirst(now, tokens >= HEAVY ? 1 : 0);
  }

  add(work: Work): void {
    if (this.isBusy || this.mustRest()) (this.waiting ??= []).push(work);
    else this.run(work);
  }

  /** Drops all waiting work. Later work is the end of the connection, and does not wait for a debt. */
  clear(): void {
    this.isEnding = true;
    this.waiting = undefined;
    clearTimeout(this.rest);
    this.rest = undefined;
  }

  /** Called when the sender has gone. Work that waits for its debt is dropped, because the debt will not be paid. */
  senderGone(): void {
    this.isLast = true;
    if (this.rest) this.clear();
  }

  /** Rests while there is a debt, or for `restMs` if that is longer. */
  private payFirst(now: number, restMs = 0): void {
    const delayMs = Math.max(this.budget.debtMs(now), restMs);
    if (delayMs === 0 || this.rest) return;
    if (this.isLast) {
      this.clear();
      return;
    }
    this.restFor(delayMs);
  }

  /** Rests if the address is in debt. Returns whether it is. */
  private mustRest(): boolean {
    if (!this.shared || this.isLast || this.isEnding) return false;
    const waitMs = this.shared.sharedWaitMs(performance.now());
    if (waitMs > 0) this.restFor(waitMs);
    return waitMs > 0;
  }

  private restFor(delayMs: number): void {
    this.rest = setTimeout(() => {
      this.rest = undefined;
      this.payFirst(performance.now());
      this.next();
    }, delayMs);
    this.owner.delayed();
  }

  private run(work: Work): void {
    this.shared?.take(1, performance.now());
    try {
      this.followUp(work());
    } catch (error) {
      this.owner.failed(error);
    }
  }

  private followUp(result: void | Promise<void>): void {
    if (result === undefined) return;
    this.isWorking = true;
    void result
      .catch((error: unknown) => {
        this.owner.failed(error);
      })
      .finally(() => {
        this.isWorking = false;
        this.next();
      });
  }

  private next(): void {
    while (!this.isBusy && this.waiting && !this.mustRest()) {
      const work = this.waiting.shift();
      if (work) this.run(work);
      else this.waiting = undefined;
    }
    if (!this.isBusy) this.owner.idle();
  }
}
