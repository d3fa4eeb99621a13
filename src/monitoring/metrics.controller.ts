import { Controller, Get, NotFoundException, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Config } from '../config/config.js';
import { PrometheusService } from './prometheus.service.js';

@ApiTags('Health')
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly prometheus: PrometheusService,
    private readonly config: Config,
  ) {}

  @Get()
  @ApiOperation({ summary: 'What this node counts, for Prometheus' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  async metrics(@Res() response: Response): Promise<void> {
    // On a port of their own they are nobody else's business.
    if (this.config.metricsPort !== 0) throw new NotFoundException();
    const text = await this.prometheus.text();
    response.type(this.prometheus.contentType).send(text);
  }
}
