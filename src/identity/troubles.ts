import type { Log } from '../logging/log.js';

/** A log for warnings. */
export interface WarningLog {
  readonly logger: Pick<Log['logger'], 'warn'>;
}

/** Minimum interval between two lines. */
const INTERVAL_MS = 10_000;

/** Warns that a server which authentication depends on does not work, at most once in ten seconds. */
export class Troubles {
  private warnedAt = -Infinity;
  /** Without the query, which may hold secrets. */
  private readonly url: string;

  constructor(
    private readonly log: WarningLog,
    private readonly what: string,
    url: string,
  ) {
    const { origin, pathname } = new URL(url);
    this.url = origin + pathname;
  }

  note(problem: string): void {
    const now = performance.now();
    if (now - this.warnedAt < INTERVAL_MS) return;
    this.warnedAt = now;
    this.log.logger.warn({ url: this.url, problem }, `${this.what} does not answer as it should`);
  }
}
