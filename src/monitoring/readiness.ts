import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AdminOptions } from '../config/sections/admin.options.js';
import { SignalboxHealthIndicator } from '../nodes/health-indicator.js';

/** Interval after which the delay histogram is reset. */
const WINDOW_MS = 10_000;
const RESOLUTION_MS = 20;

/** One condition that a node must meet to accept clients. */
export interface ReadinessCheck {
  readonly name: string;
  readonly isUp: boolean;
  /** The measured value and its limit, for a check that has them. */
  readonly measured?: { readonly value: number; readonly limit: number };
}

/** Decides whether this node can accept clients. */
@Injectable()
export class Readiness implements OnApplicationShutdown {
  private readonly delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private readonly window: NodeJS.Timeout;

  constructor(
    private readonly node: SignalboxHealthIndicator,
    private readonly options: AdminOptions,
  ) {
    this.delay.enable();
    this.window = setInterval(() => this.delay.reset(), WINDOW_MS);
    this.window.unref();
  }

  /** Resolves with all checks, within about a second. The node is ready if all of them are up. Never rejects. */
  async checks(): Promise<ReadinessCheck[]> {
    const { maxEventLoopDelayMs, maxRssBytes } = this.options;
    return [
      { name: 'backplane', isUp: await this.node.isBackplaneUp() },
      bounded('eventLoopDelayMs', Math.round(this.delay.percentile(99) / 1e6), maxEventLoopDelayMs),
      bounded('rssBytes', process.memoryUsage.rss(), maxRssBytes),
      { name: 'draining', isUp: !this.node.isDraining },
    ];
  }

  onApplicationShutdown(): void {
    clearInterval(this.window);
    this.delay.disable();
  }
}

function bounded(name: string, value: number, limit: number): ReadinessCheck {
  return { name, isUp: value <= limit, measured: { value, limit } };
}
