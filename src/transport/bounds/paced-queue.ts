import { costOf } from '../../common/cost.js';
import { Budget, type BudgetLimits } from './budget.js';
import type { TokenBucket } from './token-bucket.js';

type Work = () => void | Promise<void>;

/** Tokens of a frame after which others come first: the event loop takes a turn before the next frame of its sender. */
const HEAVY = 16;

/** How long a connection rests at least while its address is in debt, because many others of the address rest as well. */
const SHARED_REST_MS = 20;

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
 * paid for what came before. While the sender or its address is in debt, nothing new is begun.
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
    /** What the connections of the sender's address may cost together; undefined if the address has no bounds. */
    private readonly shared: TokenBucket | undefined,
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
    this.shared?.take(costOf({ bytes }), now);
    if (isAdmitted) this.payFirst(now);
    return isAdmitted;
  }

  /** Takes tokens for what a frame has led to. */
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

  /** Drops what waits. From now on only the end of the connection is to be done, which waits for no debt. */
  clear(): void {
    this.isEnding = true;
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
    this.restFor(delayMs);
  }

  /** Rests if the address is in debt; returns whether it does. */
  private mustRest(): boolean {
    if (!this.shared || this.isLast || this.isEnding) return false;
    const debtMs = this.shared.debtMs(performance.now());
    if (debtMs > 0) this.restFor(Math.max(debtMs, SHARED_REST_MS));
    return debtMs > 0;
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
    while (!this.isBusy && this.waiting && !this.mustRest()) {
      const work = this.waiting.shift();
      if (work) this.run(work);
      else this.waiting = undefined;
    }
    if (!this.isBusy) this.owner.idle();
  }
}
