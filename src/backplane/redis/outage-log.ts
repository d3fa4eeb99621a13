import type { Log } from '../../logging/log.js';

/** Time between two lines about the same outage. */
const REMINDER_MS = 60_000;

/** Logs outages of Redis: one line at the start with the reason, one each minute, one at the end. */
export class OutageLog {
  /** Start of the outage, of `performance.now()`. */
  private since?: number;
  private lastLineAt = 0;

  /** @param redis addresses of Redis, for people */
  constructor(
    private readonly log: Log,
    private readonly redis: string,
  ) {}

  /** Reports that Redis cannot be reached. May be called any number of times during an outage. */
  reportDown(reason: string): void {
    const now = performance.now();
    const { redis } = this;
    if (this.since === undefined) {
      this.since = this.lastLineAt = now;
      this.log.logger.error({ redis, reason }, 'Redis cannot be reached');
    } else if (now - this.lastLineAt >= REMINDER_MS) {
      this.lastLineAt = now;
      this.log.logger.error({ redis, reason, forSeconds: secondsSince(this.since) }, 'Redis still cannot be reached');
    }
  }

  /** Reports that Redis can be reached, and that this node is registered there. */
  reportUp(): void {
    if (this.since === undefined) return;
    this.log.logger.info({ redis: this.redis, afterSeconds: secondsSince(this.since) }, 'Redis can be reached again');
    this.since = undefined;
  }
}

function secondsSince(time: number): number {
  return Math.round((performance.now() - time) / 1000);
}
