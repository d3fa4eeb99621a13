import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { Protocols } from '../common/protocols.js';
import { IdentityModule } from '../identity/identity.module.js';
import { LoggingModule } from '../logging/logging.module.js';
import { RoomsModule } from '../rooms/rooms.module.js';
import { TransportModule } from '../transport/transport.module.js';
import { ClientEvents } from './client-events.js';
import { ExpiryService } from './expiry.service.js';
import { Mailbox } from './mailbox.js';
import { PresenceService } from './presence.service.js';
import { ReturnEvents } from './return-events.js';
import { SignalEvents } from './signal-events.js';
import { SignalReceiver } from './signal-receiver.js';
import { SignalRouter } from './signal-router.js';
import { SignalSender } from './signal-sender.js';
import { SignalingService } from './signaling.service.js';
import { VirtualClients } from './virtual/virtual-clients.js';
import { VirtualContext } from './virtual/virtual-context.js';

@Module({
  imports: [ClientsModule, IdentityModule, RoomsModule, LoggingModule, TransportModule],
  providers: [
    SignalRouter,
    SignalReceiver,
    SignalSender,
    Mailbox,
    ExpiryService,
    ClientEvents,
    SignalEvents,
    ReturnEvents,
    PresenceService,
    SignalingService,
    VirtualContext,
    VirtualClients,
    Protocols,
  ],
  exports: [Mailbox, PresenceService, SignalSender, SignalingService, Protocols],
})
export class SignalingModule {}
