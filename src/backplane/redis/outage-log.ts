import type { Log } from '../../logging/log.js';

/** Time between two lines about the same outage. */
const REMINDER_MS = 60_000;

/** Tells the operator of outages of Redis: one line at the beginning with the reason, one each minute, one at the end. */
export class OutageLog {
  /** Start of the outage, of `performance.now()`. */
  private since?: number;
  private toldAt = 0;

  /** @param redis the addresses of Redis, for people */
  constructor(
    private readonly log: Log,
    private readonly redis: string,
  ) {}

  /** Redis cannot be reached, for this reason. May be called as often as that is noticed. */
  isDown(reason: string): void {
    const now = performance.now();
    const { redis } = this;
    if (this.since === undefined) {
      this.since = this.toldAt = now;
      this.log.pino.error({ redis, reason }, 'Redis cannot be reached');
    } else if (now - this.toldAt >= REMINDER_MS) {
      this.toldAt = now;
      this.log.pino.error({ redis, reason, forSeconds: secondsSince(this.since) }, 'Redis still cannot be reached');
    }
  }

  /** Redis can be reached, and this node is one of the nodes again. */
  isOver(): void {
    if (this.since === undefined) return;
    this.log.pino.info({ redis: this.redis, afterSeconds: secondsSince(this.since) }, 'Redis can be reached again');
    this.since = undefined;
  }
}

function secondsSince(time: number): number {
  return Math.round((performance.now() - time) / 1000);
}
