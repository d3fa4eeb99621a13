import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { Protocols } from '../common/protocols.js';
import { LoggingModule } from '../logging/logging.module.js';
import { RoomsModule } from '../rooms/rooms.module.js';
import { ExpiryService } from './expiry.service.js';
import { SignalingService } from './signaling.service.js';

@Module({
  imports: [ClientsModule, RoomsModule, LoggingModule],
  providers: [SignalingService, ExpiryService, Protocols],
  exports: [SignalingService, Protocols],
})
export class SignalingModule {}
