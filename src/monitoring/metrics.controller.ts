import { Controller, Get, type HttpException, Res, UseFilters, UseGuards } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiForbiddenResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  type ApiResponseOptions,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import type { Response } from 'express';
import { METRICS_REFUSALS, MetricsGuard } from './metrics.guard.js';
import { MetricsText } from './metrics-text.js';
import { MonitoringFilter } from './monitoring.filter.js';

@ApiTags('Health')
@Controller('metrics')
@UseFilters(MonitoringFilter)
@UseGuards(MetricsGuard)
@ApiBearerAuth()
export class MetricsController {
  constructor(private readonly metrics: MetricsText) {}

  @Get()
  @ApiOperation({
    summary: 'Returns the Prometheus metrics of this node, to programs on this machine or with an admin token',
  })
  @ApiProduces('text/plain')
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  @ApiUnauthorizedResponse(refusal('No valid token', METRICS_REFUSALS.noToken()))
  @ApiForbiddenResponse(refusal('No token is configured', METRICS_REFUSALS.off()))
  @ApiNotFoundResponse(refusal('The metrics are on a separate port', METRICS_REFUSALS.elsewhere()))
  @ApiTooManyRequestsResponse(refusal('Too many failed attempts from this address', METRICS_REFUSALS.locked()))
  async read(@Res() response: Response): Promise<void> {
    const text = await this.metrics.read();
    response.type(this.metrics.contentType).send(text);
  }
}

/** Describes the response of Nest to an exception. */
function refusal(description: string, exception: HttpException): ApiResponseOptions {
  return {
    description,
    content: { 'application/json': { schema: { type: 'object' }, example: exception.getResponse() } },
  };
}
