import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { IdentityModule } from '../identity/identity.module.js';
import { RealmsModule } from '../realms/realms.module.js';
import { RoomsModule } from '../rooms/rooms.module.js';
import { TracingModule } from '../tracing/tracing.module.js';
import { TransportModule } from '../transport/transport.module.js';
import { Newcomers } from './newcomers.js';
import { Renewals } from './renewals.js';

/** Finds out for all protocols who their clients are. */
@Module({
  imports: [ClientsModule, IdentityModule, RealmsModule, RoomsModule, TracingModule, TransportModule],
  providers: [Newcomers, Renewals],
  exports: [Newcomers, Renewals],
})
export class NewcomersModule {}
