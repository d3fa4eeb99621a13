import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { Controller, Get, type OnApplicationShutdown, UseFilters } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import { Documented } from '../common/documented.js';
import { AdminOptions } from '../config/sections/admin.options.js';
import { SignalboxHealthIndicator } from '../nodes/health-indicator.js';
import { MonitoringFilter } from './monitoring.filter.js';

/** Interval after which the delay histogram is reset. */
const WINDOW_MS = 10_000;
const RESOLUTION_MS = 20;

/** Health checks for load balancers and orchestrators. */
@Documented(({ ApiTags }) => [ApiTags('Health')])
@Controller('health')
@UseFilters(MonitoringFilter)
export class HealthController implements OnApplicationShutdown {
  private readonly delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private readonly window: NodeJS.Timeout;

  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly node: SignalboxHealthIndicator,
    private readonly options: AdminOptions,
  ) {
    this.delay.enable();
    this.window = setInterval(() => this.delay.reset(), WINDOW_MS);
    this.window.unref();
  }

  @Get('live')
  @Documented(({ ApiOperation }) => [ApiOperation({ summary: 'Checks that the process responds' })])
  @HealthCheck()
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  @Get('ready')
  @Documented(({ ApiOperation }) => [
    ApiOperation({ summary: 'Checks that this node can accept clients, and reports why if it cannot' }),
  ])
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    const { maxEventLoopDelayMs, maxRssBytes } = this.options;
    return this.health.check([
      async () => this.flag('backplane', await this.node.isBackplaneUp()),
      () => this.bounded('eventLoopDelayMs', Math.round(this.delay.percentile(99) / 1e6), maxEventLoopDelayMs),
      () => this.bounded('rssBytes', process.memoryUsage.rss(), maxRssBytes),
      () => this.flag('draining', !this.node.isDraining),
    ]);
  }

  onApplicationShutdown(): void {
    clearInterval(this.window);
    this.delay.disable();
  }

  private flag(name: string, isUp: boolean) {
    const indicator = this.indicators.check(name);
    return isUp ? indicator.up() : indicator.down();
  }

  private bounded(name: string, value: number, limit: number) {
    const indicator = this.indicators.check(name);
    return value <= limit ? indicator.up({ value, limit }) : indicator.down({ value, limit });
  }
}
