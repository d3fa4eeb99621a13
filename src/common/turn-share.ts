import { Injectable } from '@nestjs/common';

/** Expensive work may take this share of a turn of the event loop, or longer if a single piece does. */
const MAX_MS = 8;

/**
 * Spreads expensive work that many clients cause at the same time over several turns of the event loop, so that the
 * server reads and writes in between.
 */
@Injectable()
export class TurnShare {
  private spentMs = 0;
  private isScheduled = false;
  private readonly waiting: (() => void)[] = [];

  /**
   * Runs a piece of work now if this turn has time left and nothing waits, otherwise in a later turn, in order. Only
   * its synchronous part counts.
   * @returns the result of the work
   */
  run<T>(work: () => Promise<T>): Promise<T> {
    if (!this.isUsedUp && this.waiting.length === 0) return this.timed(work);
    return new Promise((resolve) => this.waiting.push(() => resolve(this.timed(work))));
  }

  private get isUsedUp(): boolean {
    return this.spentMs >= MAX_MS;
  }

  private async timed<T>(work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const result = work();
    this.spend(performance.now() - startedAt);
    return result;
  }

  private spend(ms: number): void {
    this.spentMs += ms;
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => this.nextTurn());
  }

  private nextTurn(): void {
    this.spentMs = 0;
    this.isScheduled = false;
    while (this.waiting.length > 0 && !this.isUsedUp) this.waiting.shift()?.();
  }
}
