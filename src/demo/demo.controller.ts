import { join } from 'node:path';
import { Controller, Get, Next, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { NextFunction, Response } from 'express';

const PUBLIC = join(import.meta.dirname, 'public');

/** The demo page: static files, nothing else. */
@ApiExcludeController()
@Controller('demo')
export class DemoController {
  @Get()
  page(@Res() response: Response): void {
    response.sendFile('index.html', { root: PUBLIC });
  }

  /** Express refuses names that lead out of the folder, and dot files. */
  @Get(':file')
  file(@Param('file') file: string, @Res() response: Response, @Next() next: NextFunction): void {
    response.sendFile(file, { root: PUBLIC }, next);
  }
}
