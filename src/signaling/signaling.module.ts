import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { Protocols } from '../common/protocols.js';
import { LoggingModule } from '../logging/logging.module.js';
import { RoomsModule } from '../rooms/rooms.module.js';
import { ClientEvents } from './client-events.js';
import { ExpiryService } from './expiry.service.js';
import { Mailbox } from './mailbox.js';
import { PresenceService } from './presence.service.js';
import { SignalReceiver } from './signal-receiver.js';
import { SignalRouter } from './signal-router.js';
import { SignalSender } from './signal-sender.js';
import { SignalingService } from './signaling.service.js';

@Module({
  imports: [ClientsModule, RoomsModule, LoggingModule],
  providers: [
    SignalRouter,
    SignalReceiver,
    SignalSender,
    Mailbox,
    ExpiryService,
    ClientEvents,
    PresenceService,
    SignalingService,
    Protocols,
  ],
  exports: [Mailbox, PresenceService, SignalSender, SignalingService, Protocols],
})
export class SignalingModule {}
