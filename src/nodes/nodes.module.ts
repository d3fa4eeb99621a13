import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { TransportModule } from '../transport/transport.module.js';
import { NodesService } from './nodes.service.js';
import { SelectedClients } from './selected-clients.js';

@Module({
  imports: [ClientsModule, TransportModule],
  providers: [NodesService, SelectedClients],
  exports: [NodesService, SelectedClients],
})
export class NodesModule {}
