import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ClientsHere } from '../clients/clients-here.js';
import { Backplane } from '../common/backplane.js';
import { Counters } from '../counters/counters.js';
import { RoomsHere } from '../rooms/rooms-here.js';
import { percentile } from './percentile.js';
import type { Sample } from './sample.js';

const DELAY_RESOLUTION_MS = 20;

/** Counts since the start of the node. */
interface Totals {
  readonly connects: number;
  readonly disconnects: ReadonlyMap<string, number>;
  readonly refusals: ReadonlyMap<string, number>;
  readonly framesIn: number;
  readonly framesOut: number;
  readonly handling: readonly number[];
}

/** Takes samples of this node from what is counted already. A sample costs the same however many clients there are. */
@Injectable()
export class NodeSampler implements OnApplicationShutdown {
  private readonly delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  private last?: Totals;

  constructor(
    private readonly counters: Counters,
    private readonly clients: ClientsHere,
    private readonly here: RoomsHere,
    private readonly backplane: Backplane,
  ) {}

  /** Starts the first interval. */
  start(): void {
    this.delay.enable();
    this.delay.reset();
    this.last = this.totals();
  }

  stop(): void {
    this.delay.disable();
    this.last = undefined;
  }

  onApplicationShutdown(): void {
    this.stop();
  }

  /**
   * Ends an interval and starts the next one.
   * @param time seconds since 1970
   * @returns undefined if the sampler was stopped, which it then starts
   */
  take(time: number): Sample | undefined {
    const { last } = this;
    if (!last) {
      this.start();
      return undefined;
    }
    const now = this.totals();
    this.last = now;
    const p99Us = percentile(this.counters.handling.boundsUs, less(now.handling, last.handling), 0.99);
    const delayMs = this.delay.percentile(99) / 1e6;
    this.delay.reset();
    return {
      time,
      connects: now.connects - last.connects,
      disconnects: more(now.disconnects, last.disconnects),
      refusals: more(now.refusals, last.refusals),
      framesIn: now.framesIn - last.framesIn,
      framesOut: now.framesOut - last.framesOut,
      handlingP99Ms: p99Us === undefined ? null : Math.round(p99Us) / 1000,
      eventLoopDelayP99Ms: Math.round(delayMs * 10) / 10,
      rssBytes: process.memoryUsage.rss(),
      clients: this.clients.size,
      rooms: this.here.rooms.visible,
      backplaneUp: this.backplane.isAvailable ? 1 : 0,
    };
  }

  private totals(): Totals {
    const { counters } = this;
    let connects = 0;
    for (const [, protocol] of counters.byProtocol()) connects += protocol.connects;
    return {
      connects,
      disconnects: new Map(counters.endedConnections.entries()),
      refusals: new Map(counters.refusedUpgrades.entries()),
      framesIn: counters.total('in').frames,
      framesOut: counters.total('out').frames,
      handling: [...counters.handling.counts],
    };
  }
}

function less(now: readonly number[], last: readonly number[]): number[] {
  return now.map((count, at) => count - (last[at] ?? 0));
}

function more(now: ReadonlyMap<string, number>, last: ReadonlyMap<string, number>): Map<string, number> {
  const grown = [...now].map(([name, count]) => [name, count - (last.get(name) ?? 0)] as const);
  return new Map(grown.filter(([, count]) => count > 0));
}
