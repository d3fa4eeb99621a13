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
  /** Why a token is refused, or that the address or the user is blocked. */
  readonly reason?: string;
  /** Target of the request. The log omits the query string, which may contain secrets. */
  readonly path?: string;
  /** Whether it was a request for a connection of a client, or the client itself. */
  readonly isConnection?: boolean;
}

/** The refusals of a kind from an address in the current period. */
interface Entry {
  readonly kind: Refusal;
  readonly address: string;
  /** Whether the first one has a line of its own. */
  readonly isTold: boolean;
  times: number;
}

/**
 * Logs refused requests and connections. The first refusal of a kind from an address gets a line at once. If more follow
 * within ten seconds, one line has the number of all of them. At most four lines per second are written.
 */
@Injectable()
export class RefusalLog implements OnApplicationShutdown {
  /** Called with every refusal. */
  onRefusal: (address: string, refusal: Refusal) => void = () => undefined;
  private readonly entries = new Map<string, Entry>();
  /** Refusals from pairs beyond `MAX_ENTRIES`. */
  private others = 0;
  private lines = 0;
  private timer?: NodeJS.Timeout;

  constructor(private readonly log: Log) {}

  /** @param address IP address of the client */
  note(address: string, refusal: Refusal): void {
    this.onRefusal(address, refusal);
    const { path, status, protocol, code, realm, reason } = refusal;
    const kind = { status, protocol, code, realm, reason };
    this.timer ??= setTimeout(() => this.endPeriod(), PERIOD_MS).unref();
    const key = `${nameOf(kind)} ${addressGroup(address)}`;
    const entry = this.entries.get(key);
    if (entry) {
      entry.times++;
    } else if (this.entries.size >= MAX_ENTRIES) {
      this.others++;
    } else {
      const isTold = this.lines++ < MAX_LINES;
      if (isTold) this.log.logger.info({ ...kind, address, ...(path && { path: cleaned(path) }) }, 'refused');
      this.entries.set(key, { kind, address, isTold, times: 1 });
    }
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
    this.endPeriod();
  }

  private endPeriod(): void {
    const entries = [...this.entries.values()].filter((entry) => untold(entry) > 0);
    entries.sort((one, other) => other.times - one.times);
    const seconds = PERIOD_MS / 1000;
    for (const { kind, address, times } of entries.splice(0, MAX_LINES)) {
      const text = `refused ${nameOf(kind)}, ${counted(times)} from ${address} in ${seconds} s`;
      this.log.logger.info({ ...kind, address, times, seconds }, text);
    }
    const times = entries.reduce((sum, entry) => sum + untold(entry), this.others);
    if (times > 0) {
      this.log.logger.info({ times, seconds }, `refused, ${counted(times)} from other addresses in ${seconds} s`);
    }
    this.entries.clear();
    this.others = this.lines = 0;
    this.timer = undefined;
  }
}

/** Returns the number of refusals that no line has mentioned. */
function untold({ isTold, times }: Entry): number {
  return isTold ? times - 1 : times;
}

/** `429`, or `peerjs UNAUTHENTICATED (expired)`. */
function nameOf({ status, protocol, code, reason }: Refusal): string {
  const name = status === undefined ? `${protocol} ${code}` : String(status);
  return reason === undefined ? name : `${name} (${reason})`;
}

function counted(times: number): string {
  return times === 1 ? 'once' : `${times} times`;
}

/** Removes the query string and bounds the length. Node's parser rejects control characters. */
function cleaned(path: string): string {
  return path.slice(0, MAX_PATH_LENGTH).replace(/\?.*/s, '');
}
