import { Controller, Get, Res, UseGuards } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiForbiddenResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import type { Response } from 'express';
import { MetricsText } from './metrics-text.js';
import { MetricsGuard } from './metrics.guard.js';

@ApiTags('Health')
@Controller('metrics')
@UseGuards(MetricsGuard)
@ApiBearerAuth()
export class MetricsController {
  constructor(private readonly metrics: MetricsText) {}

  @Get()
  @ApiOperation({
    summary: 'What this node counts, for Prometheus: for programs of this machine, and with an admin token',
  })
  @ApiProduces('text/plain')
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  @ApiUnauthorizedResponse({ description: 'No valid token' })
  @ApiForbiddenResponse({ description: 'No token is configured' })
  @ApiTooManyRequestsResponse({ description: 'Too many failed attempts from this address' })
  async read(@Res() response: Response): Promise<void> {
    const text = await this.metrics.read();
    response.type(this.metrics.contentType).send(text);
  }
}
