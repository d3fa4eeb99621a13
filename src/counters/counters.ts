import { Injectable } from '@nestjs/common';

/** A number for each of a small, closed set of reasons. */
export class ReasonCounter<R extends string> {
  private readonly counts = new Map<R, number>();

  add(reason: R): void {
    this.counts.set(reason, this.get(reason) + 1);
  }

  get(reason: R): number {
    return this.counts.get(reason) ?? 0;
  }

  entries(): [R, number][] {
    return [...this.counts];
  }
}

/** Frames and bytes of one kind. */
export interface FrameCount {
  frames: number;
  bytes: number;
}

/** Frames and bytes of one protocol in one direction, by their kinds: words of ours, never of a client's. */
export class FrameCounter {
  private readonly kinds = new Map<string, FrameCount>();

  add(kind: string, bytes: number): void {
    let count = this.kinds.get(kind);
    if (!count) this.kinds.set(kind, (count = { frames: 0, bytes: 0 }));
    count.frames++;
    count.bytes += bytes;
  }

  entries(): Iterable<[string, Readonly<FrameCount>]> {
    return this.kinds;
  }

  /** Of all kinds together. */
  get total(): FrameCount {
    const total = { frames: 0, bytes: 0 };
    for (const { frames, bytes } of this.kinds.values()) {
      total.frames += frames;
      total.bytes += bytes;
    }
    return total;
  }
}

/** What has come in and gone out over one protocol. */
export class ProtocolCounters {
  readonly in = new FrameCounter();
  readonly out = new FrameCounter();
  /** Connections that have become clients. */
  connects = 0;
}

/** Upper bounds of the classes of `LatencyHistogram`, in microseconds. */
const LATENCY_BOUNDS_US = [10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000];

/** How many took how long; a class holds those up to its bound, the last one all others. */
export class LatencyHistogram {
  readonly boundsUs: readonly number[] = LATENCY_BOUNDS_US;
  readonly counts = new Array<number>(LATENCY_BOUNDS_US.length + 1).fill(0);
  sumUs = 0;

  add(us: number): void {
    const at = this.boundsUs.findIndex((bound) => us <= bound);
    this.counts[at === -1 ? this.boundsUs.length : at]!++;
    this.sumUs += us;
  }
}

/** One operation on the backplane. */
export class OperationCounter {
  readonly latency = new LatencyHistogram();
  errors = 0;
}

/** What this node has counted since its start. */
@Injectable()
export class Counters {
  /** Requests for a connection that were refused, by HTTP status. */
  readonly refusedUpgrades = new ReasonCounter<string>();
  /** Connections that have ended, by reason. */
  readonly endedConnections = new ReasonCounter<string>();
  /** Frames that were answered with an error, by its code. */
  readonly rejectedFrames = new ReasonCounter<string>();
  /** Time from a received frame until it was handled, of one frame in 64. */
  readonly handling = new LatencyHistogram();

  private readonly protocols = new Map<string, ProtocolCounters>();
  private readonly operations = new Map<string, OperationCounter>();

  ofProtocol(protocol: string): ProtocolCounters {
    let counters = this.protocols.get(protocol);
    if (!counters) this.protocols.set(protocol, (counters = new ProtocolCounters()));
    return counters;
  }

  ofBackplane(operation: string): OperationCounter {
    let counter = this.operations.get(operation);
    if (!counter) this.operations.set(operation, (counter = new OperationCounter()));
    return counter;
  }

  ofBackplaneAll(): Iterable<[string, OperationCounter]> {
    return this.operations;
  }

  byProtocol(): Iterable<[string, ProtocolCounters]> {
    return this.protocols;
  }
}
