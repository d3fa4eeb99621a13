import { Module } from '@nestjs/common';
import { LoggingModule } from '../logging/logging.module.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { Connections } from './connections.js';
import { DrainService } from './drain.service.js';
import { EndpointContext } from './endpoint.js';
import { HeartbeatService } from './heartbeat.service.js';
import { UpgradeRouter } from './upgrade-router.js';

@Module({
  imports: [LoggingModule, MetricsModule],
  providers: [Connections, UpgradeRouter, EndpointContext, HeartbeatService, DrainService],
  exports: [Connections, LoggingModule, MetricsModule],
})
export class TransportModule {}
