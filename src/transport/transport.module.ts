import { Module } from '@nestjs/common';
import { BackplaneModule } from '../backplane/backplane.module.js';
import { LoggingModule } from '../logging/logging.module.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { Connections } from './connections.js';
import { DrainService } from './drain.service.js';
import { EndpointContext } from './protocol-endpoint.js';
import { HeartbeatService } from './heartbeat.service.js';
import { RequestRouter } from './request-router.js';

@Module({
  imports: [BackplaneModule, LoggingModule, MetricsModule],
  providers: [Connections, RequestRouter, EndpointContext, HeartbeatService, DrainService],
  exports: [Connections, RequestRouter, DrainService, LoggingModule, MetricsModule],
})
export class TransportModule {}
