import { Module } from '@nestjs/common';
import { BackplaneModule } from '../backplane/backplane.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { RoomsModule } from '../rooms/rooms.module.js';
import { SignalingService } from './signaling.service.js';

@Module({
  imports: [BackplaneModule, ClientsModule, RoomsModule],
  providers: [SignalingService],
  exports: [SignalingService],
})
export class SignalingModule {}
