import { Module } from '@nestjs/common';
import { Authenticator } from './authenticator.js';
import { ExpiryTimer } from './expiry-timer.js';
import { Permissions } from './permissions.js';
import { Supervision } from './supervision.js';

/** Who a client is, what it may do, and when it has to go. */
@Module({
  providers: [Authenticator, Permissions, ExpiryTimer, Supervision],
  exports: [Authenticator, Permissions, Supervision],
})
export class IdentityModule {}
