import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AdminOptions } from '../config/sections/admin.options.js';
import { SignalboxHealthIndicator } from './health-indicator.js';

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
    return this.all(await this.node.isBackplaneUp());
  }

  /** Names of the checks that are down, by what this node knows of the backplane without asking it. */
  get failing(): string[] {
    return this.all(this.node.isBackplaneAvailable)
      .filter(({ isUp }) => !isUp)
      .map(({ name }) => name);
  }

  /** The 99th percentile of the event loop delay in the last ten seconds at most, in milliseconds. */
  get eventLoopDelayMs(): number {
    return Math.round(this.delay.percentile(99) / 1e6);
  }

  /** Whether this node refuses new clients. */
  get isDraining(): boolean {
    return this.node.isDraining;
  }

  onApplicationShutdown(): void {
    clearInterval(this.window);
    this.delay.disable();
  }

  private all(isBackplaneUp: boolean): ReadinessCheck[] {
    const { maxEventLoopDelayMs, maxRssBytes } = this.options;
    return [
      { name: 'backplane', isUp: isBackplaneUp },
      bounded('eventLoopDelayMs', this.eventLoopDelayMs, maxEventLoopDelayMs),
      bounded('rssBytes', process.memoryUsage.rss(), maxRssBytes),
      { name: 'draining', isUp: !this.isDraining },
    ];
  }
}

function bounded(name: string, value: number, limit: number): ReadinessCheck {
  return { name, isUp: value <= limit, measured: { value, limit } };
}
