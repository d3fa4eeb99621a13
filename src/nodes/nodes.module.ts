import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { TransportModule } from '../transport/transport.module.js';
import { NodesService } from './nodes.service.js';

@Module({
  imports: [ClientsModule, TransportModule],
  providers: [NodesService],
  exports: [NodesService],
})
export class NodesModule {}
