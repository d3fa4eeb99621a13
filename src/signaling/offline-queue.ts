import { carriedBytes, type Signal } from '../common/signal.js';

/** What a waiting signal costs beside its texts, roughly. */
const OVERHEAD_BYTES = 704;

/** A signal that waits for an absent client. */
export interface WaitingSignal {
  readonly realm: string;
  /** Id of the absent client. */
  readonly to: string;
  readonly signal: Signal;
}

/** A sender and a target of whose signals at least one has expired. */
export interface ExpiredPair {
  readonly realm: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Port: signals that wait for clients that are absent, each for a configured time, bounded in number and bytes for each
 * target, for each sender and in all.
 */
export abstract class OfflineQueue {
  /** Puts a signal away; false if a bound is reached, and nothing is kept. */
  abstract put(waiting: WaitingSignal): Promise<boolean>;

  /** Hands out what waits for a client, in the order in which it was put, and forgets it. What has expired is not in it. */
  abstract take(realm: string, to: string): Promise<Signal[]>;

  /** How many signals wait. */
  abstract count(): Promise<number>;

  /** Forgets what has expired, and names each pair once. Costs nothing while nothing expires, however much waits. */
  abstract expire(): Promise<ExpiredPair[]>;
}

/** What a waiting signal counts as in the bounds. */
export function queuedBytes(to: string, signal: Signal): number {
  const { from, native } = signal;
  return OVERHEAD_BYTES + carriedBytes(signal) + 2 * (to.length + from.length + (native?.text.length ?? 0));
}
