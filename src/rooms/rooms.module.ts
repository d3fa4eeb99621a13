import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { ClientRooms } from './client-rooms.js';
import { RoomEvents } from './room-events.js';
import { RoomsService } from './rooms.service.js';
import { RoomsHere } from './rooms-here.js';

@Module({
  imports: [ClientsModule],
  providers: [RoomsHere, RoomEvents, ClientRooms, RoomsService],
  exports: [RoomsHere, ClientRooms, RoomsService],
})
export class RoomsModule {}
