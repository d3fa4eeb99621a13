import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { ClientsModule } from '../clients/clients.module.js';
import { LoggingModule } from '../logging/logging.module.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { RoomsModule } from '../rooms/rooms.module.js';
import { SignalingModule } from '../signaling/signaling.module.js';
import { TransportModule } from '../transport/transport.module.js';
import { HealthController } from './health.controller.js';
import { MetricsServer } from './metrics-server.js';
import { MetricsController } from './metrics.controller.js';
import { PrometheusService } from './prometheus.service.js';

/** `/health` and `/metrics`. */
@Module({
  imports: [
    TerminusModule.forRoot({ logger: false }),
    LoggingModule,
    MetricsModule,
    ClientsModule,
    RoomsModule,
    SignalingModule,
    TransportModule,
  ],
  controllers: [HealthController, MetricsController],
  providers: [PrometheusService, MetricsServer],
})
export class MonitoringModule {}
