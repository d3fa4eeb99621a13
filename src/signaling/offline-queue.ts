import { shareOf } from '../common/address-share.js';
import { carriedBytes, type Signal } from '../common/signal.js';
import type { LimitOptions } from '../config/sections/limit.options.js';
import type { QueueOptions } from '../config/sections/queue.options.js';

/** Estimated memory of a queued signal, without its texts and its payload. */
const OVERHEAD_BYTES = 704;

/** A signal that is queued for an absent client. */
export interface WaitingSignal {
  readonly realm: string;
  /** Id of the absent client. */
  readonly to: string;
  readonly signal: Signal;
  /** Address group to whose share the signal counts; absent for addresses without a bound. */
  readonly address?: string;
}

/** Maximum number of queued signals, and of their bytes. */
export type QueueLimit = readonly [count: number, bytes: number];

/** A sender and a target between which at least one signal has expired. */
export interface ExpiredPair {
  readonly realm: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Port: signals for absent clients, each queued for `queueTtlMs`, on whichever node they were put. Their number and
 * bytes are bounded in all, for each target, sender and address, and for each sender and address at one target
 * (`queueLimits`); a signal counts `queuedBytes`.
 *
 * Every operation is atomic over all nodes: a signal is taken, or expires, exactly once. Every operation rejects with
 * DomainError UNAVAILABLE while the queue cannot be reached.
 */
export abstract class OfflineQueue {
  /**
   * Queues a signal. Its payload and attachments are views of a buffer that the server reuses: an implementation
   * encodes or copies them before it returns the promise.
   * @returns false if a bound is reached, and the signal is not queued
   */
  abstract put(waiting: WaitingSignal): Promise<boolean>;

  /** Removes and returns the signals for a client in the order in which they were queued, without expired ones. */
  abstract take(realm: string, to: string): Promise<Signal[]>;

  /** Number of queued signals. Expired ones count until `expire` removes them. */
  abstract count(): Promise<number>;

  /** Bytes of this node's memory that queued signals take; 0 if they are kept elsewhere. Read at each heartbeat. */
  abstract readonly bytesHere: number;

  /**
   * Removes expired signals and returns each of their pairs once, in the order in which they were queued. Every node
   * calls it each `queueSweepMs`, and notifies the senders of the pairs that it gets. Its cost does not depend on the
   * length of the queue.
   */
  abstract expire(): Promise<ExpiredPair[]>;
}

/** Number of bytes that a signal counts in the bounds. */
export function queuedBytes(to: string, signal: Signal): number {
  const { from, native } = signal;
  return OVERHEAD_BYTES + carriedBytes(signal) + 2 * (to.length + from.length + (native?.text.length ?? 0));
}

/**
 * The bounds in this order: all signals, a target, a sender, a sender at a target, an address, an address at a target.
 */
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
