import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get, type OnApplicationShutdown } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { HealthCheck, type HealthCheckResult, HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import { ClientsService } from '../clients/clients.service.js';
import { Backplane } from '../common/backplane.js';
import { isUnavailable } from '../common/domain-error.js';
import { AdminOptions } from '../config/sections/admin.options.js';
import { Log } from '../logging/log.js';
import { DrainService } from '../transport/lifecycle/drain.service.js';

/** Interval after which the delay histogram is reset. */
const WINDOW_MS = 10_000;
const RESOLUTION_MS = 20;
/** Maximum time for an answer from the backplane. */
const BACKPLANE_TIMEOUT_MS = 1000;

/** Health checks for load balancers and orchestrators. */
@ApiTags('Health')
@Controller('health')
export class HealthController implements OnApplicationShutdown {
  private readonly delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private readonly window: NodeJS.Timeout;

  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly clients: ClientsService,
    private readonly shared: Backplane,
    private readonly drains: DrainService,
    private readonly log: Log,
    private readonly options: AdminOptions,
  ) {
    this.delay.enable();
    this.window = setInterval(() => this.delay.reset(), WINDOW_MS);
    this.window.unref();
  }

  @Get('live')
  @ApiOperation({ summary: 'Checks that the process responds' })
  @HealthCheck()
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  @Get('ready')
  @ApiOperation({ summary: 'Checks that this node can accept clients, and reports why if it cannot' })
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    const { maxEventLoopDelayMs, maxRssBytes } = this.options;
    return this.health.check([
      () => this.backplane(),
      () => this.bounded('eventLoopDelayMs', Math.round(this.delay.percentile(99) / 1e6), maxEventLoopDelayMs),
      () => this.bounded('rssBytes', process.memoryUsage.rss(), maxRssBytes),
      () => {
        const indicator = this.indicators.check('draining');
        return this.drains.isDraining ? indicator.down() : indicator.up();
      },
    ]);
  }

  onApplicationShutdown(): void {
    clearInterval(this.window);
    this.delay.disable();
  }

  private async backplane() {
    const indicator = this.indicators.check('backplane');
    const timeout = new AbortController();
    const late = sleep(BACKPLANE_TIMEOUT_MS, undefined, { signal: timeout.signal, ref: false }).then(() => {
      throw new Error('no answer in time');
    });
    try {
      await Promise.race([this.clients.count(), late]);
      return this.shared.isAvailable ? indicator.up() : indicator.down();
    } catch (error) {
      if (!isUnavailable(error)) this.log.logger.warn({ err: error }, 'backplane does not respond');
      return indicator.down();
    } finally {
      late.catch(() => undefined);
      timeout.abort();
    }
  }

  private bounded(name: string, value: number, limit: number) {
    const indicator = this.indicators.check(name);
    return value <= limit ? indicator.up({ value, limit }) : indicator.down({ value, limit });
  }
}
