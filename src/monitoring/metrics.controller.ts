import { Controller, Get, type HttpException, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { Documented } from '../common/documented.js';
import { METRICS_REFUSALS, MetricsGuard } from './metrics.guard.js';
import { MetricsText } from './metrics-text.js';
import { MonitoringFilter } from './monitoring.filter.js';

@Documented(({ ApiTags, ApiBearerAuth }) => [ApiTags('Health'), ApiBearerAuth()])
@Controller('metrics')
@UseFilters(MonitoringFilter)
@UseGuards(MetricsGuard)
export class MetricsController {
  constructor(private readonly metrics: MetricsText) {}

  @Get()
  @Documented((swagger) => [
    swagger.ApiOperation({
      summary: 'Returns the Prometheus metrics of this node, to programs on this machine or with an admin token',
    }),
    swagger.ApiProduces('text/plain'),
    swagger.ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } }),
    swagger.ApiUnauthorizedResponse(refusal('No valid token', METRICS_REFUSALS.noToken())),
    swagger.ApiForbiddenResponse(refusal('No token is configured', METRICS_REFUSALS.off())),
    swagger.ApiNotFoundResponse(refusal('The metrics are on a separate port', METRICS_REFUSALS.elsewhere())),
    swagger.ApiTooManyRequestsResponse(
      refusal('Too many failed attempts from this address', METRICS_REFUSALS.locked()),
    ),
  ])
  async read(@Res() response: Response): Promise<void> {
    const text = await this.metrics.read();
    response.type(this.metrics.contentType).send(text);
  }
}

/** Describes the response of Nest to an exception. */
function refusal(description: string, exception: HttpException) {
  return {
    description,
    content: { 'application/json': { schema: { type: 'object' }, example: exception.getResponse() } },
  };
}
