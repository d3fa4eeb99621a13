import { shareOf } from '../common/address-share.js';
import { carriedBytes, type Signal } from '../common/signal.js';
import type { LimitOptions } from '../config/sections/limit.options.js';
import type { QueueOptions } from '../config/sections/queue.options.js';

/** What a waiting signal costs beside its texts, roughly. */
const OVERHEAD_BYTES = 704;

/** A signal that waits for an absent client. */
export interface WaitingSignal {
  readonly realm: string;
  /** Id of the absent client. */
  readonly to: string;
  readonly signal: Signal;
  /** The address group of the sender, whose share the signal uses up; absent if nobody's. */
  readonly address?: string;
}

/** How many signals, and how many bytes of them, may wait. */
export type QueueLimit = readonly [count: number, bytes: number];

/** A sender and a target of whose signals at least one has expired. */
export interface ExpiredPair {
  readonly realm: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Port: signals that wait for clients that are absent, each for a configured time, bounded in number and bytes in all, for
 * each target, for each sender and for each address, and for each sender and each address at one target.
 */
export abstract class OfflineQueue {
  /** Puts a signal away; false if a bound is reached, and nothing is kept. */
  abstract put(waiting: WaitingSignal): Promise<boolean>;

  /** Hands out what waits for a client, in the order in which it was put, and forgets it. What has expired is not in it. */
  abstract take(realm: string, to: string): Promise<Signal[]>;

  /** How many signals wait. */
  abstract count(): Promise<number>;

  /** Bytes of the memory of this node that waiting signals take. */
  abstract readonly bytesHere: number;

  /** Forgets what has expired, and names each pair once. Costs nothing while nothing expires, however much waits. */
  abstract expire(): Promise<ExpiredPair[]>;
}

/** What a waiting signal counts as in the bounds. */
export function queuedBytes(to: string, signal: Signal): number {
  const { from, native } = signal;
  return OVERHEAD_BYTES + carriedBytes(signal) + 2 * (to.length + from.length + (native?.text.length ?? 0));
}

/** The limits: in all, for a target, for a sender, for a sender at a target, for an address, for an address at a target. */
export function queueLimits(queue: QueueOptions, limits: LimitOptions): readonly QueueLimit[] {
  const all: QueueLimit = [queue.maxQueued, queue.maxQueuedBytes];
  const target: QueueLimit = [queue.maxQueuedPerTarget, queue.maxQueuedBytesPerTarget];
  const sender: QueueLimit = [queue.maxQueuedPerSender, queue.maxQueuedBytesPerSender];
  const atTarget = partOf(target, limits.maxSharePerSender);
  return [all, target, sender, atTarget, partOf(all, limits.maxSharePerAddress), atTarget];
}

function partOf([count, bytes]: QueueLimit, percent: number): QueueLimit {
  return [shareOf(count, percent), shareOf(bytes, percent)];
}
