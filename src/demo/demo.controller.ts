import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Get, Header, Next, Param, Query, Req, Res } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { Documented } from '../common/documented.js';
import { PAGE_POLICY } from '../common/security-headers.js';
import { Realms } from '../realms/realms.js';

const PUBLIC = join(import.meta.dirname, 'public');
const CONTENT_SECURITY_POLICY = `${PAGE_POLICY}; media-src 'self' blob: mediastream:`;

const SIGNALING = 'data-signaling="./"';

/** Serves the demo page: static files, and the page itself with the path of the WebSocket inserted. */
@Documented(({ ApiExcludeController }) => [ApiExcludeController()])
@Controller('demo')
export class DemoController {
  private readonly html = readFileSync(join(PUBLIC, 'index.html'), 'utf8');

  constructor(private readonly realms: Realms) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', CONTENT_SECURITY_POLICY)
  page(@Req() { originalUrl }: Request, @Res() response: Response, @Query('realm') realm?: unknown): void {
    const [path = '', query] = originalUrl.split('?', 2);
    // The page's links are relative to `/demo`.
    if (path.endsWith('/')) response.redirect(308, `../demo${query === undefined ? '' : `?${query}`}`);
    else response.send(this.htmlFor(typeof realm === 'string' ? realm : undefined));
  }

  /** Express refuses dot files and names that lead out of the folder. */
  @Get(':file')
  file(@Param('file') file: string, @Res() response: Response, @Next() next: NextFunction): void {
    response.sendFile(file, { root: PUBLIC }, next);
  }

  /** Without a realm that has a path for the WebSocket, the page says so. */
  private htmlFor(realm: string | undefined): string {
    const path = this.realms.connectorPathOf(realm);
    const url = path === undefined ? '' : `.${path}`.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
    return this.html.replace(SIGNALING, () => `data-signaling="${url}"`);
  }
}
