import { Injectable } from '@nestjs/common';
import { WebhookCounters } from './webhook-counters.js';

/** Counts by name, for a small, closed set of names. */
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

  get total(): number {
    return this.entries().reduce((sum, [, count]) => sum + count, 0);
  }
}

/** The number and size of frames. */
export interface FrameCount {
  frames: number;
  bytes: number;
}

/** Frames of one protocol in one direction, by kind. Kinds are names of the server, never of a client. */
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

  /** Returns the total of all kinds. */
  get total(): FrameCount {
    const total = { frames: 0, bytes: 0 };
    for (const { frames, bytes } of this.kinds.values()) {
      total.frames += frames;
      total.bytes += bytes;
    }
    return total;
  }
}

/** Counts the traffic of one protocol. */
export class ProtocolCounters {
  readonly in = new FrameCounter();
  readonly out = new FrameCounter();
  /** Number of connections that were registered as clients. */
  connects = 0;
}

/** Upper bounds of the buckets of `LatencyHistogram`, in microseconds. */
const LATENCY_BOUNDS_US = [10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000];

/** Maximum number of realms that are counted apart, and the name of all others: clients may name realms. */
const MAX_REALMS = 1000;
const OTHER_REALMS = '(other)';

/** Authentications with one outcome for one reason. */
export interface AuthCount {
  readonly outcome: string;
  readonly reason: string;
  readonly byRealm: ReadonlyMap<string, number>;
}

/** Counts authentications by outcome and reason, which are names of the server, and by realm. */
export class AuthCounter {
  private readonly counts = new Map<string, AuthCount & { readonly byRealm: Map<string, number> }>();

  add(realm: string, outcome: string, reason: string): void {
    const key = `${outcome} ${reason}`;
    let count = this.counts.get(key);
    if (!count) this.counts.set(key, (count = { outcome, reason, byRealm: new Map<string, number>() }));
    const { byRealm } = count;
    const name = byRealm.has(realm) || byRealm.size < MAX_REALMS ? realm : OTHER_REALMS;
    byRealm.set(name, (byRealm.get(name) ?? 0) + 1);
  }

  entries(): Iterable<AuthCount> {
    return this.counts.values();
  }
}

/** A latency histogram. A bucket counts the values up to its bound; the last bucket counts the others. */
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

/** Latencies and errors of one operation of the backplane. */
export class OperationCounter {
  readonly latency = new LatencyHistogram();
  errors = 0;
}

/** The counters of this node since its start. */
@Injectable()
export class Counters {
  /** Refused connection requests, by HTTP status, with `403 blocked` for those from blocked addresses. */
  readonly refusedUpgrades = new ReasonCounter<string>();
  /** Closed connections, by reason. */
  readonly endedConnections = new ReasonCounter<string>();
  /** Checks of who a client is. */
  readonly authentications = new AuthCounter();
  /** Frames answered with an error, by error code. */
  readonly rejectedFrames = new ReasonCounter<string>();
  /** Deliveries of events, for each endpoint of the option `webhooks`. */
  readonly webhooks: WebhookCounters[] = [];
  /** Time from receiving a frame until it is handled, sampled for one frame in 64. */
  readonly handling = new LatencyHistogram();

  /** Returns the number of events that were dropped because they could not be written to the journal. */
  droppedEvents: () => number = () => 0;

  private readonly protocols = new Map<string, ProtocolCounters>();
  private readonly operations = new Map<string, OperationCounter>();

  /** @param n place of the endpoint in the option `webhooks` */
  ofWebhook(n: number): WebhookCounters {
    return (this.webhooks[n] ??= new WebhookCounters());
  }

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

  /** Returns the frames of all protocols in one direction. */
  total(direction: 'in' | 'out'): FrameCount {
    const total = { frames: 0, bytes: 0 };
    for (const counters of this.protocols.values()) {
      const { frames, bytes } = counters[direction].total;
      total.frames += frames;
      total.bytes += bytes;
    }
    return total;
  }

  byProtocol(): Iterable<[string, ProtocolCounters]> {
    return this.protocols;
  }
}
