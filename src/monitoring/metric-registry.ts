import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { isUnavailable } from '../common/domain-error.js';

/** Prefix of the names of all metrics of the server. */
export const PREFIX = 'signalbox_';
/** Gauges of prom-client with names like counters. Left out: they are the sums of other metrics. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** The metrics of this node and of its process. Each is read at scrape time. */
@Injectable()
export class MetricRegistry implements OnApplicationShutdown {
  private readonly registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    for (const name of MISNAMED) this.registry.removeSingleMetric(name);
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** Returns all metrics in the text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  onApplicationShutdown(): void {
    this.registry.clear();
  }

  /**
   * Adds a gauge.
   * @param name without the prefix `signalbox_`
   * @param read sets all values of the gauge, at each scrape. A gauge whose values the backplane cannot tell at present
   *   (DomainError UNAVAILABLE) has none
   */
  gauge<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    read: (metric: Gauge<L>) => void | Promise<void>,
  ): void {
    const gauge = new Gauge({
      name: PREFIX + name,
      help,
      labelNames,
      registers: [],
      async collect() {
        this.reset();
        await readOrLeaveOut(this, read);
      },
    });
    this.registry.registerMetric(gauge);
  }

  /**
   * Adds a counter.
   * @param name without the prefix `signalbox_`
   * @param read adds all values of the counter, at each scrape
   */
  counter<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    read: (metric: Counter<L>) => void,
  ): void {
    const counter = new Counter({
      name: PREFIX + name,
      help,
      labelNames,
      registers: [],
      collect() {
        this.reset();
        read(this);
      },
    });
    this.registry.registerMetric(counter);
  }
}

async function readOrLeaveOut<L extends string>(
  metric: Gauge<L>,
  read: (metric: Gauge<L>) => void | Promise<void>,
): Promise<void> {
  try {
    await read(metric);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    // Without labels, `reset` has set the value to 0.
    metric.remove();
  }
}
