import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { NodeIdentity } from '../common/node-identity.js';
import { packageVersion } from '../common/package-version.js';
import { AdminOptions } from '../config/sections/admin.options.js';
import { Log } from '../logging/log.js';
import { Readiness, type ReadinessCheck } from '../nodes/readiness.js';
import { Connections } from '../transport/lifecycle/connections.js';
import { MetricRegistry } from './metric-registry.js';

const DELAY_RESOLUTION_MS = 20;

/** The metrics of the node itself: whether it is ready, its version, its event loop and its log. */
@Injectable()
export class NodeMetrics implements OnApplicationShutdown {
  private readonly delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  /** The checks of the scrape under way, which two metrics show. */
  private checks?: Promise<ReadinessCheck[]>;

  constructor(
    private readonly metrics: MetricRegistry,
    private readonly readiness: Readiness,
    private readonly node: NodeIdentity,
    private readonly options: AdminOptions,
    private readonly connections: Connections,
    private readonly log: Log,
  ) {
    this.delay.enable();
    this.describeReadiness();
    this.describeBuild();
    this.describeProcess();
  }

  onApplicationShutdown(): void {
    this.delay.disable();
  }

  private describeReadiness(): void {
    this.metrics.gauge('ready', 'Whether this node accepts clients, as /health/ready answers.', [], async (metric) => {
      const checks = await this.currentChecks();
      metric.set(checks.every(({ isUp }) => isUp) ? 1 : 0);
    });
    this.metrics.gauge('ready_check', 'Checks of /health/ready: 1 is passed.', ['check'], async (metric) => {
      for (const { name, isUp } of await this.currentChecks()) metric.set({ check: name }, isUp ? 1 : 0);
    });
  }

  private describeBuild(): void {
    const labels = { version: packageVersion(), node: this.node.name };
    this.metrics.gauge('build_info', 'Version and name of this node. Always 1.', ['version', 'node'], (metric) =>
      metric.set(labels, 1),
    );
  }

  private describeProcess(): void {
    this.metrics.gauge(
      'connections',
      'Open connections of this node, including those not yet registered as clients.',
      [],
      (metric) => metric.set(this.connections.size),
    );
    this.metrics.gauge('rss_limit_bytes', 'Memory above which this node is not ready (maxRssBytes).', [], (metric) =>
      metric.set(this.options.maxRssBytes),
    );
    this.metrics.gauge('event_loop_delay_p99_seconds', 'Event loop delay since the last scrape.', [], (metric) => {
      metric.set(this.delay.percentile(99) / 1e9);
      this.delay.reset();
    });
    this.metrics.counter(
      'dropped_log_lines_total',
      'Log lines dropped because they could not be written.',
      [],
      (metric) => metric.inc(this.log.output.dropped),
    );
  }

  private currentChecks(): Promise<ReadinessCheck[]> {
    return (this.checks ??= this.readiness.checks().finally(() => (this.checks = undefined)));
  }
}
