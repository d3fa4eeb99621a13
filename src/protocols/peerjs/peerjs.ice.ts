import type { IncomingMessage } from 'node:http';
import {
  Controller,
  type DynamicModule,
  Get,
  Header,
  Injectable,
  Module,
  Param,
  Req,
  UseFilters,
} from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { Documented } from '../../common/documented.js';
import { DomainError } from '../../common/domain-error.js';
import { PeerJsOptions } from '../../config/sections/peerjs.options.js';
import { documentedIce } from '../../ice/ice.documents.js';
import type { IceConfig } from '../../ice/ice-provider.js';
import { IceRequests } from '../../ice/ice-requests.js';
import { Realms } from '../../realms/realms.js';
import { InnerApplication } from '../../transport/http/inner-application.js';
import { PeerJsHttpExceptionFilter } from './peerjs.errors.js';
import { mountPath } from './peerjs.path.js';
import { refusalsOf } from './peerjs.refusals.js';

/** The ICE servers for pages with a PeerJS key. */
@Documented(({ ApiTags }) => [ApiTags('PeerJS')])
@Controller()
@UseFilters(PeerJsHttpExceptionFilter)
class PeerJsIceController {
  constructor(
    private readonly realms: Realms,
    private readonly requests: IceRequests,
  ) {}

  @Get(':key/ice-servers')
  @Header('Cache-Control', 'no-store')
  @Documented((swagger) => [
    ...documentedIce(swagger),
    ...refusalsOf(swagger, {
      'The key is unknown': new DomainError('REALM_UNKNOWN', {}),
      'The token is missing or bad': new DomainError('UNAUTHENTICATED', { reason: '' }),
      'The token does not permit this': new DomainError('NOT_AUTHORIZED', {}),
      'Too many requests have come from the address': new DomainError('RATE_EXCEEDED', { framesPerSecond: 1 }),
      'The servers are not known at the moment': new DomainError('UNAVAILABLE', {}),
    }),
  ])
  async iceServers(@Param('key') key: string, @Req() request: IncomingMessage): Promise<IceConfig> {
    return this.requests.answer(request, { realm: this.realms.ofPeerJsKey(key) });
  }
}

@Module({})
class PeerJsIceModule {
  static at(mount: string, realms: Realms, requests: IceRequests): DynamicModule {
    return {
      module: PeerJsIceModule,
      imports: [RouterModule.register([{ path: mount, module: PeerJsIceModule }])],
      controllers: [PeerJsIceController],
      providers: [
        { provide: Realms, useValue: realms },
        { provide: IceRequests, useValue: requests },
      ],
    };
  }
}

/** Serves the ICE servers below the mount path. `PeerJsRoutes` decides which requests get there. */
@Injectable()
export class PeerJsIce {
  constructor(inner: InnerApplication, { path }: PeerJsOptions, realms: Realms, requests: IceRequests) {
    inner.register({ module: PeerJsIceModule.at(mountPath(path), realms, requests), owns: () => false });
  }
}
