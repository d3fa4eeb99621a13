import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { TransportModule } from '../transport/transport.module.js';
import { HealthModule } from './health.module.js';
import { NodeReport } from './node-report.js';
import { NodesService } from './nodes.service.js';
import { Readiness } from './readiness.js';
import { SelectedClients } from './selected-clients.js';
import { TrafficRates } from './traffic-rates.js';

@Module({
  imports: [ClientsModule, TransportModule, HealthModule],
  providers: [TrafficRates, Readiness, NodeReport, NodesService, SelectedClients],
  exports: [Readiness, NodeReport, NodesService, SelectedClients],
})
export class NodesModule {}
