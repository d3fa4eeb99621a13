import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { AccessModule } from '../access/access.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { securityHeaders } from '../common/security-headers.js';
import { CountersModule } from '../counters/counters.module.js';
import { LoggingModule } from '../logging/logging.module.js';
import { NodesModule } from '../nodes/nodes.module.js';
import { RealmsModule } from '../realms/realms.module.js';
import { RoomsModule } from '../rooms/rooms.module.js';
import { SignalingModule } from '../signaling/signaling.module.js';
import { TransportModule } from '../transport/transport.module.js';
import { HealthController } from './health.controller.js';
import { MetricRegistry } from './metric-registry.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsServer } from './metrics-server.js';
import { MetricsText } from './metrics-text.js';
import { NodeMetrics } from './node-metrics.js';
import { PrometheusService } from './prometheus.service.js';
import { RealmLabels } from './realm-labels.js';

/** Serves `/health` and `/metrics`. */
@Module({
  imports: [
    TerminusModule.forRoot({ logger: false }),
    LoggingModule,
    AccessModule,
    CountersModule,
    ClientsModule,
    RealmsModule,
    RoomsModule,
    SignalingModule,
    TransportModule,
    NodesModule,
  ],
  controllers: [HealthController, MetricsController],
  providers: [MetricRegistry, PrometheusService, NodeMetrics, RealmLabels, MetricsText, MetricsServer],
})
export class MonitoringModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(securityHeaders).forRoutes(HealthController, MetricsController);
  }
}
