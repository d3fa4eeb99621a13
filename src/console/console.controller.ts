import { join } from 'node:path';
import { Controller, Get, Next, Param, Req, Res } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { Documented } from '../common/documented.js';
import { PAGE_POLICY, protect } from '../common/security-headers.js';

const PUBLIC = join(import.meta.dirname, 'public');

/** Serves the console: one page, its modules and its styles. All data comes from the admin API. */
@Documented(({ ApiExcludeController }) => [ApiExcludeController()])
@Controller('console')
export class ConsoleController {
  @Get()
  page(@Req() { originalUrl }: Request, @Res() response: Response, @Next() next: NextFunction): void {
    protect(response, PAGE_POLICY);
    // The page's links are relative to `/console`.
    if (/^[^?]*\/(\?|$)/.test(originalUrl)) response.redirect(308, '../console');
    else response.sendFile('index.html', { root: PUBLIC }, next);
  }

  /** Express refuses dot files and names that lead out of the folder. */
  @Get('*file')
  file(@Param('file') file: string | string[], @Res() response: Response, @Next() next: NextFunction): void {
    const path = Array.isArray(file) ? file.join('/') : file;
    response.sendFile(path, { root: PUBLIC }, next);
  }
}
