import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { RoomEvents } from './room-events.js';
import { RoomsService } from './rooms.service.js';
import { RoomsHere } from './rooms-here.js';

@Module({
  imports: [ClientsModule],
  providers: [RoomsHere, RoomEvents, RoomsService],
  exports: [RoomsHere, RoomsService],
})
export class RoomsModule {}
