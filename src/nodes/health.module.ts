import { Module } from '@nestjs/common';
import { LoggingModule } from '../logging/logging.module.js';
import { TransportModule } from '../transport/transport.module.js';
import { SignalboxHealthIndicator } from './health-indicator.js';

@Module({
  imports: [LoggingModule, TransportModule],
  providers: [SignalboxHealthIndicator],
  exports: [SignalboxHealthIndicator],
})
export class HealthModule {}
