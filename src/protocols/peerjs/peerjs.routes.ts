import { type DynamicModule, Injectable, Module } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { PeerJsOptions } from '../../config/sections/peerjs.options.js';
import { Realms } from '../../realms/realms.js';
import { InnerApplication } from '../../transport/http/inner-application.js';
import { RequestRouter } from '../../transport/http/request-router.js';
import { PeerJsController } from './peerjs.controller.js';
import { PeerJsDiscovery } from './peerjs.discovery.js';
import { PeerJsIds } from './peerjs.ids.js';
import { PeerJsRootController } from './peerjs.info.js';
import {
  isPeerJsPath,
  isPeerJsRequest,
  isPeerJsRoute,
  keyIn,
  mayBePeerJsPath,
  mayBePeerJsRoute,
  mountPath,
} from './peerjs.path.js';

@Module({ controllers: [PeerJsRootController] })
class PeerJsRootModule {}

@Module({})
class PeerJsHttpModule {
  static at(mount: string, ids: PeerJsIds, discovery: PeerJsDiscovery): DynamicModule {
    return {
      module: PeerJsHttpModule,
      imports: [RouterModule.register([{ path: mount, module: PeerJsHttpModule }])],
      controllers: [PeerJsController],
      providers: [
        { provide: PeerJsIds, useValue: ids },
        { provide: PeerJsDiscovery, useValue: discovery },
      ],
    };
  }
}

/**
 * The paths of the HTTP endpoints. Clients' requests below the mount path and with a known key never reach the
 * application. With a mount path of `/`, requests with an unknown key do, as does the root: PeerJS answers them only if
 * the application has no route for them.
 */
@Injectable()
export class PeerJsRoutes {
  constructor(
    inner: InnerApplication,
    { cors }: RequestRouter,
    { path }: PeerJsOptions,
    realms: Realms,
    ids: PeerJsIds,
    discovery: PeerJsDiscovery,
  ) {
    const mount = mountPath(path);
    const isKey = (key: string): boolean => realms.hasPeerJsKey(key);
    const realmOf = (path: string): string | undefined => {
      const key = keyIn(mount, path) ?? '';
      return isKey(key) ? realms.ofPeerJsKey(key) : undefined;
    };
    cors.share(isPeerJsRequest(mount, isKey), { realmOf });
    inner.corsOfUnclaimed.share(isPeerJsPath(mount, isKey), { realmOf });
    inner.register({
      module: PeerJsHttpModule.at(mount, ids, discovery),
      owns: isPeerJsRoute(mount, isKey),
      ownsUnclaimed: mount === '' ? mayBePeerJsRoute : undefined,
    });
    inner.register({ module: PeerJsRootModule, owns: () => false, ownsUnclaimed: (path) => path === '' });
    if (mount === '') inner.corsOfUnclaimed.share(mayBePeerJsPath);
  }
}
