import { Module } from '@nestjs/common';
import { BlocksModule } from '../blocks/blocks.module.js';
import { CountersModule } from '../counters/counters.module.js';
import { LoggingModule } from '../logging/logging.module.js';
import { RealmsModule } from '../realms/realms.module.js';
import { TracingModule } from '../tracing/tracing.module.js';
import { MemoryBudget } from './bounds/memory-budget.js';
import { Places } from './bounds/places.js';
import { ConnectionReports } from './endpoint/connection-reports.js';
import { EndpointContext } from './endpoint/endpoint-context.js';
import { AdminListener } from './http/admin-listener.js';
import { AdminPort } from './http/admin-port.js';
import { Admission } from './http/admission.js';
import { Certificates } from './http/certificates.js';
import { HttpSockets } from './http/http-sockets.js';
import { InnerApplication } from './http/inner-application.js';
import { RealmOrigins } from './http/realm-origins.js';
import { RequestRouter } from './http/request-router.js';
import { Connections } from './lifecycle/connections.js';
import { DrainService } from './lifecycle/drain.service.js';
import { HeartbeatService } from './lifecycle/heartbeat.service.js';
import { Flusher } from './websocket/flusher.js';

@Module({
  imports: [LoggingModule, CountersModule, RealmsModule, TracingModule, BlocksModule],
  providers: [
    Connections,
    Places,
    MemoryBudget,
    HttpSockets,
    Flusher,
    AdminPort,
    Certificates,
    AdminListener,
    RealmOrigins,
    Admission,
    InnerApplication,
    RequestRouter,
    ConnectionReports,
    EndpointContext,
    HeartbeatService,
    DrainService,
  ],
  exports: [
    AdminPort,
    Admission,
    Connections,
    ConnectionReports,
    MemoryBudget,
    InnerApplication,
    RealmOrigins,
    RequestRouter,
    DrainService,
    LoggingModule,
    CountersModule,
    TracingModule,
  ],
})
export class TransportModule {}
