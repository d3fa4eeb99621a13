import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Counters, type FrameCount } from '../counters/counters.js';
import type { Flow } from './node-status.js';

/** Interval between samples. Rates are averages over the last two intervals. */
const SAMPLE_MS = 5000;

interface Sample {
  readonly at: number;
  readonly in: FrameCount;
  readonly out: FrameCount;
  readonly refused: number;
}

/** The traffic of this node. */
export interface TrafficReport {
  readonly in: Flow;
  readonly out: Flow;
  /** Refused connection requests. */
  readonly refusedPerSecond: number;
}

/** Measures the traffic of this node: totals since the start, and averages of about the last ten seconds. */
@Injectable()
export class TrafficRates implements OnModuleInit, OnApplicationShutdown {
  private samples: [Sample, Sample];
  private timer?: NodeJS.Timeout;

  constructor(private readonly counters: Counters) {
    this.samples = [this.sample(), this.sample()];
  }

  onModuleInit(): void {
    this.timer = setInterval(() => (this.samples = [this.samples[1], this.sample()]), SAMPLE_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  report(): TrafficReport {
    const now = this.sample();
    const [then] = this.samples;
    const ms = now.at - then.at;
    return {
      in: flow(then.in, now.in, ms),
      out: flow(then.out, now.out, ms),
      refusedPerSecond: perSecond(now.refused - then.refused, ms),
    };
  }

  private sample(): Sample {
    const { counters } = this;
    const refused = counters.refusedUpgrades.total;
    return { at: performance.now(), in: counters.total('in'), out: counters.total('out'), refused };
  }
}

function flow(then: FrameCount, { frames, bytes }: FrameCount, ms: number): Flow {
  return {
    frames,
    bytes,
    framesPerSecond: perSecond(frames - then.frames, ms),
    bytesPerSecond: perSecond(bytes - then.bytes, ms),
  };
}

function perSecond(count: number, ms: number): number {
  return ms > 0 ? Math.round((count * 10_000) / ms) / 10 : 0;
}
