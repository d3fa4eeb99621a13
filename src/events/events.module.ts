import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { LoggingModule } from '../logging/logging.module.js';
import { ClusterEvents } from './cluster-events.js';
import { EventExplorer } from './event-explorer.js';
import { EventFeed } from './event-feed.js';
import { LossEvents } from './loss-events.js';
import { NodeEvents } from './node-events.js';
import { RefusalEvents } from './refusal-events.js';
import { RelayedSignals } from './relayed-signals.js';
import { ServerEvents } from './server-events.js';

/** Provides the events everywhere. */
@Global()
@Module({
  imports: [LoggingModule, DiscoveryModule],
  providers: [
    ServerEvents,
    ClusterEvents,
    EventFeed,
    RelayedSignals,
    EventExplorer,
    RefusalEvents,
    LossEvents,
    NodeEvents,
  ],
  exports: [ServerEvents, ClusterEvents, EventFeed, RelayedSignals],
})
export class EventsModule {}
