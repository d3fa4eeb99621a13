import { Injectable } from '@nestjs/common';

/**
 * Expensive work of at most this duration is done in one turn of the event loop, unless a single piece takes longer.
 */
const MAX_MS = 8;

/** What one token of `costOf` takes at most, measured with room notices to 50 members. */
const MS_PER_TOKEN = 0.02;

/**
 * The expensive work of this turn of the event loop. Many clients may cause such work at the same time. When there is
 * enough of it, the rest waits for later turns, so that other clients are served in between.
 */
@Injectable()
export class TurnLoad {
  private spentMs = 0;
  private isCounting = false;
  private readonly waiting: (() => void)[] = [];

  /** Whether further expensive work should wait for a later turn. */
  get isFull(): boolean {
    return this.spentMs >= MAX_MS;
  }

  /** Counts the effects of a frame, in tokens of `costOf`. */
  add(tokens: number): void {
    this.spend(tokens * MS_PER_TOKEN);
  }

  /**
   * Runs a piece of work now, or in one of the next turns after all pieces that wait already.
   * @returns the result of the work
   */
  run<T>(work: () => Promise<T>): Promise<T> {
    if (!this.isFull && this.waiting.length === 0) return this.timed(work);
    return new Promise((resolve) => this.waiting.push(() => resolve(this.timed(work))));
  }

  private async timed<T>(work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const result = work();
    this.spend(performance.now() - startedAt);
    return result;
  }

  private spend(ms: number): void {
    this.spentMs += ms;
    if (this.isCounting) return;
    this.isCounting = true;
    setImmediate(() => this.nextTurn());
  }

  private nextTurn(): void {
    this.spentMs = 0;
    this.isCounting = false;
    while (this.waiting.length > 0 && !this.isFull) this.waiting.shift()?.();
  }
}
