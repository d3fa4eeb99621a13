import { Controller, Get, UseFilters } from '@nestjs/common';
import {
  HealthCheck,
  type HealthCheckResult,
  HealthCheckService,
  type HealthIndicatorResult,
  HealthIndicatorService,
} from '@nestjs/terminus';
import { Documented } from '../common/documented.js';
import { Readiness, type ReadinessCheck } from '../nodes/readiness.js';
import { MonitoringFilter } from './monitoring.filter.js';

/** Health checks for load balancers and orchestrators. */
@Documented(({ ApiTags }) => [ApiTags('Health')])
@Controller('health')
@UseFilters(MonitoringFilter)
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly readiness: Readiness,
  ) {}

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
  async ready(): Promise<HealthCheckResult> {
    const checks = await this.readiness.checks();
    return this.health.check(checks.map((check) => () => this.indicatorOf(check)));
  }

  private indicatorOf({ name, isUp, measured }: ReadinessCheck): HealthIndicatorResult {
    const indicator = this.indicators.check(name);
    return isUp ? indicator.up(measured) : indicator.down(measured);
  }
}
