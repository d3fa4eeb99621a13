import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { IdentityModule } from '../identity/identity.module.js';
import { RealmsModule } from '../realms/realms.module.js';
import { RoomsModule } from '../rooms/rooms.module.js';
import { RealmOrigins } from '../transport/http/realm-origins.js';
import { Newcomers } from './newcomers.js';
import { Renewals } from './renewals.js';

/** Finds out for all protocols who their clients are. */
@Module({
  imports: [ClientsModule, IdentityModule, RealmsModule, RoomsModule],
  providers: [Newcomers, RealmOrigins, Renewals],
  exports: [Newcomers, Renewals],
})
export class NewcomersModule {}
