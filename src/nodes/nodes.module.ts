import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { TransportModule } from '../transport/transport.module.js';
import { NodesService } from './nodes.service.js';
import { UserRemoval } from './user-removal.js';

@Module({
  imports: [ClientsModule, TransportModule],
  providers: [NodesService, UserRemoval],
  exports: [NodesService, UserRemoval],
})
export class NodesModule {}
