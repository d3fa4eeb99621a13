import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { addressGroup } from '../common/address-group.js';
import { Log } from './log.js';

const PERIOD_MS = 10_000;

/** Maximum number of lines per period for first refusals, and of lines with counts at the end of the period. */
const MAX_LINES = 20;

/** Maximum number of pairs of kind and address that are counted separately within a period. */
const MAX_ENTRIES = 1000;

const MAX_PATH_LENGTH = 100;

/** The reason of a refusal: an HTTP status, or a protocol and its error code. */
export interface Refusal {
  readonly status?: number;
  readonly protocol?: string;
  readonly code?: string;
  readonly realm?: string;
  /** Why a token is refused. */
  readonly reason?: string;
  /** Target of the request. The log omits the query string, which may contain secrets. */
  readonly path?: string;
}

interface Entry {
  readonly refusal: object;
  /** Refusals that are not logged yet. */
  untold: number;
}

/**
 * Logs refused requests and connections. The first refusal of a kind from an address gets a line of its own; those that
 * follow within ten seconds are counted and share one line. At most four lines per second are written.
 */
@Injectable()
export class RefusalLog implements OnApplicationShutdown {
  private readonly entries = new Map<string, Entry>();
  /** Refusals from pairs beyond `MAX_ENTRIES`. */
  private others = 0;
  private lines = 0;
  private timer?: NodeJS.Timeout;

  constructor(private readonly log: Log) {}

  /** @param address IP address of the client */
  note(address: string, { path, ...kind }: Refusal): void {
    this.timer ??= setTimeout(() => this.endPeriod(), PERIOD_MS).unref();
    const key = `${kind.status ?? kind.protocol} ${kind.code} ${kind.reason} ${addressGroup(address)}`;
    const entry = this.entries.get(key);
    if (entry) {
      entry.untold++;
    } else if (this.entries.size >= MAX_ENTRIES) {
      this.others++;
    } else {
      const isTold = this.lines++ < MAX_LINES;
      if (isTold) this.log.logger.info({ ...kind, address, ...(path && { path: cleaned(path) }) }, 'refused');
      this.entries.set(key, { refusal: { ...kind, address }, untold: isTold ? 0 : 1 });
    }
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
    this.endPeriod();
  }

  private endPeriod(): void {
    const entries = [...this.entries.values()].filter(({ untold }) => untold > 0);
    entries.sort((one, other) => other.untold - one.untold);
    const seconds = PERIOD_MS / 1000;
    for (const { refusal, untold: times } of entries.splice(0, MAX_LINES)) {
      this.log.logger.info({ ...refusal, times, seconds }, 'refused again');
    }
    const times = entries.reduce((sum, { untold }) => sum + untold, this.others);
    if (times > 0) this.log.logger.info({ times, seconds }, 'refused from other addresses');
    this.entries.clear();
    this.others = this.lines = 0;
    this.timer = undefined;
  }
}

/** Removes the query string and bounds the length. Node's parser rejects control characters. */
function cleaned(path: string): string {
  return path.slice(0, MAX_PATH_LENGTH).replace(/\?.*/s, '');
}
