import type { IncomingMessage } from 'node:http';
import { Module } from '@nestjs/common';
import { DEFAULT_REALM } from '../config/realm-doors.js';
import { IdentityModule } from '../identity/identity.module.js';
import { RealmsModule } from '../realms/realms.module.js';
import { InnerApplication } from '../transport/http/inner-application.js';
import { TransportModule } from '../transport/transport.module.js';
import { IceController } from './ice.controller.js';
import { IceRequests } from './ice-requests.js';

const PATHS = ['/ice-servers', '/turn/credentials'];

class IceEndpointsModule {}

/**
 * The HTTP endpoints. An application around the server may have routes of its own at their paths: then those answer.
 */
@Module({
  imports: [RealmsModule, IdentityModule, TransportModule],
  providers: [IceRequests],
  exports: [IceRequests],
})
export class IceHttpModule {
  constructor(inner: InnerApplication, requests: IceRequests) {
    const isOurs = (path: string): boolean => PATHS.includes(path.toLowerCase());
    inner.register({
      module: {
        module: IceEndpointsModule,
        controllers: [IceController],
        providers: [{ provide: IceRequests, useValue: requests }],
      },
      owns: () => false,
      ownsUnclaimed: isOurs,
    });
    inner.corsOfUnclaimed.share(isOurs, { realmOf: (_, request) => realmIn(request) });
  }
}

/** The realm that a request asks about, as the controller reads it. It refuses a second one. */
function realmIn({ url = '' }: IncomingMessage): string {
  const realm = new URLSearchParams(url.split('?').slice(1).join('?')).get('realm') ?? '';
  return realm === '' ? DEFAULT_REALM : realm;
}
