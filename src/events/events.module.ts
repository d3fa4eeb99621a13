import { Global, Module } from '@nestjs/common';
import { LoggingModule } from '../logging/logging.module.js';
import { ClusterEvents } from './cluster-events.js';
import { EventFeed } from './event-feed.js';
import { ServerEvents } from './server-events.js';

/** Provides the events everywhere. */
@Global()
@Module({
  imports: [LoggingModule],
  providers: [ServerEvents, ClusterEvents, EventFeed],
  exports: [ServerEvents, ClusterEvents, EventFeed],
})
export class EventsModule {}
