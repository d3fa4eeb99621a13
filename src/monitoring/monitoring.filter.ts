import { Catch } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';

/** Answers errors as Nest does, whatever filter the application has: probes and scrapers rely on status and body. */
@Catch()
export class MonitoringFilter extends BaseExceptionFilter {}
