import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { addressGroup } from '../common/address-group.js';
import { Log } from './log.js';

const PERIOD_MS = 10_000;

/** Lines of a period for the first refusal of a kind from an address, and lines with counts at its end. */
const MAX_LINES = 20;

/** Kinds and addresses that are told apart within a period. All others are counted together. */
const MAX_ENTRIES = 1000;

const MAX_PATH_LENGTH = 100;

/** Why a request or a connection was refused: an HTTP status, or a protocol and the code of its error. */
export interface Refusal {
  readonly status?: number;
  readonly protocol?: string;
  readonly code?: string;
  /** Target of the request. Its query string is left out of the log, because that may hold secrets. */
  readonly path?: string;
}

interface Entry {
  readonly refusal: object;
  /** Refusals that no line has told. */
  untold: number;
}

/**
 * Says who is refused, and from where. The first refusal of a kind from an address is a line of its own; those that follow within
 * ten seconds are one line with their number. However many there are, there are at most four lines a second.
 */
@Injectable()
export class RefusalLog implements OnApplicationShutdown {
  private readonly entries = new Map<string, Entry>();
  /** Refusals beyond `MAX_ENTRIES`. */
  private others = 0;
  private lines = 0;
  private timer?: NodeJS.Timeout;

  constructor(private readonly log: Log) {}

  /** @param address IP address of the client */
  note(address: string, { path, ...kind }: Refusal): void {
    this.timer ??= setTimeout(() => this.endPeriod(), PERIOD_MS).unref();
    const key = `${kind.status ?? kind.protocol} ${kind.code} ${addressGroup(address)}`;
    const entry = this.entries.get(key);
    if (entry) {
      entry.untold++;
    } else if (this.entries.size >= MAX_ENTRIES) {
      this.others++;
    } else {
      const isTold = this.lines++ < MAX_LINES;
      if (isTold) this.log.pino.info({ ...kind, address, ...(path && { path: cleaned(path) }) }, 'refused');
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
      this.log.pino.info({ ...refusal, times, seconds }, 'refused again');
    }
    const times = entries.reduce((sum, { untold }) => sum + untold, this.others);
    if (times > 0) this.log.pino.info({ times, seconds }, 'refused from other addresses');
    this.entries.clear();
    this.others = this.lines = 0;
    this.timer = undefined;
  }
}

/** Without a query string, of bounded length. Node's parser lets no control characters pass. */
function cleaned(path: string): string {
  return path.slice(0, MAX_PATH_LENGTH).replace(/\?.*/s, '');
}
