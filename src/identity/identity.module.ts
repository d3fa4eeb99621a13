import { Module } from '@nestjs/common';
import { BlocksModule } from '../blocks/blocks.module.js';
import { CountersModule } from '../counters/counters.module.js';
import { LoggingModule } from '../logging/logging.module.js';
import { RealmsModule } from '../realms/realms.module.js';
import { TracingModule } from '../tracing/tracing.module.js';
import { AuthReports } from './auth-reports.js';
import { Authenticator } from './authenticator.js';
import { Authorities } from './authorities.js';
import { ExpiryTimer } from './expiry-timer.js';
import { Permissions } from './permissions.js';
import { RealmPlaces } from './realm-places.js';
import { Supervision } from './supervision.js';

/** Who a client is, what it may do, and when it has to go. */
@Module({
  imports: [RealmsModule, CountersModule, LoggingModule, TracingModule, BlocksModule],
  providers: [Authorities, AuthReports, Authenticator, Permissions, ExpiryTimer, RealmPlaces, Supervision],
  exports: [Authenticator, Permissions, Supervision],
})
export class IdentityModule {}
