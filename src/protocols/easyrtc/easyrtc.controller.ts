import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Controller, Get, Next, NotFoundException, Param, Res } from '@nestjs/common';
import type { NextFunction, Response } from 'express';
import { Documented } from '../../common/documented.js';

const require = createRequire(import.meta.url);
const EASYRTC_FILES = join(dirname(require.resolve('open-easyrtc/package.json')), 'api');
const SOCKET_IO_FILES = join(dirname(require.resolve('socket.io')), '../client-dist');

/** Serves the client library of EasyRTC below `easyrtcPath`. Express refuses paths that lead out of its folder. */
@Documented(({ ApiExcludeController }) => [ApiExcludeController()])
@Controller()
export class EasyRtcController {
  @Get('*path')
  file(@Param('path') path: string[], @Res() response: Response, @Next() next: NextFunction): void {
    response.sendFile(path.join('/'), { root: EASYRTC_FILES }, notFound(next));
  }
}

/** Serves the client library of socket.io below `socketIoPath`. */
@Documented(({ ApiExcludeController }) => [ApiExcludeController()])
@Controller()
export class SocketIoController {
  @Get(':file')
  file(@Param('file') file: string, @Res() response: Response, @Next() next: NextFunction): void {
    response.sendFile(file, { root: SOCKET_IO_FILES }, notFound(next));
  }
}

/** Turns every error of Express about a file (a folder, a path out of the folder) into a 404. */
function notFound(next: NextFunction): (error?: Error) => void {
  return (error) => error && next(new NotFoundException());
}
