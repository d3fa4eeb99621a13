import { Budget, type BudgetLimits } from './budget.js';

type Work = () => void | Promise<void>;

/** Tokens of a frame after which others come first: the event loop takes a turn before the next frame of its sender. */
const HEAVY = 16;

/** The connection whose work a PacedQueue does. */
export interface QueueOwner {
  /** Called with what a piece of work has thrown. */
  failed(error: unknown): void;
  /** Called when the sender is in debt: it should not be read until `idle`. */
  delayed(): void;
  /** Called when nothing is under way any more and nothing waits, if something has taken time. */
  idle(): void;
}

/**
 * Does the work of one connection, one piece after the other, each at once if nothing else is under way and the sender has
 * paid for what came before. While it is in debt, nothing new is begun.
 */
export class PacedQueue {
  private isWorking = false;
  private isLast = false;
  private waiting?: Work[];
  private rest?: NodeJS.Timeout;
  private readonly budget: Budget;

  constructor(
    private readonly owner: QueueOwner,
    limits: BudgetLimits,
  ) {
    this.budget = new Budget(limits, performance.now());
  }

  /** Whether something is under way, or has to wait. */
  get isBusy(): boolean {
    return this.isWorking || this.rest !== undefined;
  }

  /** How much waits. */
  get length(): number {
    return this.waiting?.length ?? 0;
  }

  /** Pays for a received frame; returns false if its sender is to be disconnected. */
  admit(bytes: number): boolean {
    const now = performance.now();
    const isAdmitted = this.budget.take(bytes, now);
    if (isAdmitted) this.payFirst(now);
    return isAdmitted;
  }

  /** Takes tokens for what a frame has led to. */
  charge(tokens: number): void {
    if (tokens === 0) return;
    const now = performance.now();
    this.budget.charge(tokens, now);
    this.payFirst(now, tokens >= HEAVY ? 1 : 0);
  }

  add(work: Work): void {
    if (this.isBusy) (this.waiting ??= []).push(work);
    else this.run(work);
  }

  /** Drops what waits. */
  clear(): void {
    this.waiting = undefined;
    clearTimeout(this.rest);
    this.rest = undefined;
  }

  /** The sender has gone, and pays no debt any more: what waits for that is dropped. */
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
    this.rest = setTimeout(() => {
      this.rest = undefined;
      this.payFirst(performance.now());
      this.next();
    }, delayMs);
    this.owner.delayed();
  }

  private run(work: Work): void {
    try {
      this.settle(work());
    } catch (error) {
      this.owner.failed(error);
    }
  }

  private settle(result: void | Promise<void>): void {
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
    while (!this.isBusy && this.waiting) {
      const work = this.waiting.shift();
      if (work) this.run(work);
      else this.waiting = undefined;
    }
    if (!this.isBusy) this.owner.idle();
  }
}
