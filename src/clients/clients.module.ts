import { Module } from '@nestjs/common';
import { ClientReconciliation } from './client-reconciliation.js';
import { ClientRegistry } from './client-registry.js';
import { ClientsService } from './clients.service.js';
import { ClientsHere } from './clients-here.js';
import { Handovers } from './handovers.js';
import { OwnerChecks } from './owner-checks.js';

@Module({
  providers: [ClientsHere, OwnerChecks, ClientRegistry, Handovers, ClientReconciliation, ClientsService],
  exports: [ClientsHere, ClientRegistry, Handovers, ClientReconciliation, ClientsService],
})
export class ClientsModule {}
