import { Module } from '@nestjs/common';
import { Authenticator } from './authenticator.js';
import { ExpiryTimer } from './expiry-timer.js';
import { Permissions } from './permissions.js';

/** Who a client is, what it may do, and when it has to go. */
@Module({
  providers: [Authenticator, Permissions, ExpiryTimer],
  exports: [Authenticator, Permissions, ExpiryTimer],
})
export class IdentityModule {}
