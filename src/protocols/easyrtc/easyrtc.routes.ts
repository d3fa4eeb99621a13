import { type DynamicModule, Injectable, type Type } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { EasyRtcOptions } from '../../config/sections/easyrtc.options.js';
import { isFileIn, isWithin } from '../../transport/http/cors.js';
import { InnerApplication } from '../../transport/http/inner-application.js';
import { RequestRouter } from '../../transport/http/request-router.js';
import { EasyRtcController, SocketIoController } from './easyrtc.controller.js';

class EasyRtcLibraryModule {}

class SocketIoLibraryModule {}

/** The client libraries, at the paths at which pages look for them. */
@Injectable()
export class EasyRtcRoutes {
  constructor(inner: InnerApplication, { cors }: RequestRouter, { easyrtcPath, socketIoPath }: EasyRtcOptions) {
    const isEasyRtc = isWithin(easyrtcPath);
    cors.share(isEasyRtc, { credentials: true });
    inner.register({
      module: at(easyrtcPath, EasyRtcLibraryModule, EasyRtcController),
      owns: (path) => isEasyRtc(path) && path.length > easyrtcPath.length,
    });
    inner.register({
      module: at(socketIoPath, SocketIoLibraryModule, SocketIoController),
      owns: isFileIn(socketIoPath),
    });
  }
}

function at(path: string, module: Type, controller: Type): DynamicModule {
  return { module, imports: [RouterModule.register([{ path, module }])], controllers: [controller] };
}
