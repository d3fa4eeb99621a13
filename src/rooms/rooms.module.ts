import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { IdentityModule } from '../identity/identity.module.js';
import { RealmsModule } from '../realms/realms.module.js';
import { ClientRooms } from './client-rooms.js';
import { MembershipReports } from './membership-reports.js';
import { RoomEvents } from './room-events.js';
import { RoomLimits } from './room-limits.js';
import { RoomPermits } from './room-permits.js';
import { RoomReconciliation } from './room-reconciliation.js';
import { RoomsService } from './rooms.service.js';
import { RoomsHere } from './rooms-here.js';

@Module({
  imports: [ClientsModule, IdentityModule, RealmsModule],
  providers: [
    RoomsHere,
    MembershipReports,
    RoomEvents,
    RoomReconciliation,
    RoomLimits,
    RoomPermits,
    ClientRooms,
    RoomsService,
  ],
  exports: [RoomsHere, ClientRooms, RoomsService],
})
export class RoomsModule {}
