// The methods are async so that errors reject.
/* eslint-disable @typescript-eslint/require-await */
import {
  type Config,
  decodeSignal,
  encodeSignal,
  type ExpiredPair,
  OfflineQueue,
  queuedBytes,
  queueLimits,
  type Signal,
  type WaitingSignal,
} from 'signalbox/backplane';

/** A signal that is queued for an absent client. */
export interface QueuedSignal {
  readonly realm: string;
  readonly from: string;
  readonly to: string;
  readonly address?: string;
  readonly signal: Buffer;
  /** Number of bytes that it counts. */
  readonly bytes: number;
  /** Of `performance.now()`. */
  readonly since: number;
}

/** Queued signals of all servers, with the bounds of one. Counts by looking at all: for queues of some hundred signals. */
export class HubOfflineQueue extends OfflineQueue {
  constructor(
    private readonly signals: Set<QueuedSignal>,
    private readonly config: Config,
  ) {
    super();
  }

  override get bytesHere(): number {
    return sumOf([...this.signals]);
  }

  override async put({ realm, to, signal, address }: WaitingSignal): Promise<boolean> {
    const { from } = signal;
    const bytes = queuedBytes(to, signal);
    const isToTarget = (other: QueuedSignal): boolean => other.realm === realm && other.to === to;
    const isFromSender = (other: QueuedSignal): boolean => other.realm === realm && other.from === from;
    const isFromAddress = (other: QueuedSignal): boolean => other.address === address;
    const all = [...this.signals];
    const ofAddress = address === undefined ? [] : all.filter(isFromAddress);
    // In the order of `queueLimits`.
    const shares = [
      all,
      all.filter(isToTarget),
      all.filter(isFromSender),
      all.filter((other) => isToTarget(other) && isFromSender(other)),
      ...(address === undefined ? [] : [ofAddress, ofAddress.filter(isToTarget)]),
    ];
    const limits = queueLimits(this.config, this.config);
    const fits = shares.every((share, index) => {
      const [maxCount, maxBytes] = limits[index]!;
      return share.length < maxCount && sumOf(share) + bytes <= maxBytes;
    });
    // Encoded at once, because the server reuses the bytes of the payload.
    const queued = { realm, from, to, address, signal: encodeSignal(signal), bytes, since: performance.now() };
    if (fits) this.signals.add(queued);
    return fits;
  }

  override async take(realm: string, to: string): Promise<Signal[]> {
    const waiting = [...this.signals].filter((other) => {
      return other.realm === realm && other.to === to && !this.isExpired(other);
    });
    for (const queued of waiting) this.signals.delete(queued);
    return waiting.map(({ signal }) => decodeSignal(signal));
  }

  override async count(): Promise<number> {
    return this.signals.size;
  }

  override async expire(): Promise<ExpiredPair[]> {
    const pairs = new Map<string, ExpiredPair>();
    for (const queued of this.signals) {
      if (!this.isExpired(queued)) break;
      this.signals.delete(queued);
      const { realm, from, to } = queued;
      pairs.set(JSON.stringify([realm, from, to]), { realm, from, to });
    }
    return [...pairs.values()];
  }

  private isExpired({ since }: QueuedSignal): boolean {
    return performance.now() - since >= this.config.queueTtlMs;
  }
}

function sumOf(signals: readonly QueuedSignal[]): number {
  return signals.reduce((sum, { bytes }) => sum + bytes, 0);
}
