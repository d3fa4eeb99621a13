import { Module } from '@nestjs/common';
import { LoggingModule } from '../logging/logging.module.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { Connections } from './connections.js';
import { DrainService } from './drain.service.js';
import { Flusher } from './flusher.js';
import { EndpointContext } from './protocol-endpoint.js';
import { HttpSockets } from './http-sockets.js';
import { HeartbeatService } from './heartbeat.service.js';
import { MemoryBudget } from './memory-budget.js';
import { Places } from './places.js';
import { RequestRouter } from './request-router.js';

@Module({
  imports: [LoggingModule, MetricsModule],
  providers: [
    Connections,
    Places,
    MemoryBudget,
    HttpSockets,
    Flusher,
    RequestRouter,
    EndpointContext,
    HeartbeatService,
    DrainService,
  ],
  exports: [Connections, MemoryBudget, RequestRouter, DrainService, LoggingModule, MetricsModule],
})
export class TransportModule {}
