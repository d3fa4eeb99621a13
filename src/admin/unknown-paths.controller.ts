import { All, Controller, NotFoundException, Req, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request } from 'express';
import { maskedTarget } from '../common/masked-target.js';
import { ADMIN_PATH } from './admin-path.js';
import { ProblemFilter } from './problem.filter.js';

/** Answers requests below the path of the admin API that no other controller takes. */
@ApiExcludeController()
@Controller(ADMIN_PATH)
@UseFilters(ProblemFilter)
export class AdminUnknownPathsController {
  @All(['', '*path'])
  notFound(@Req() { method, originalUrl }: Request): never {
    throw new NotFoundException(`Cannot ${method} ${maskedTarget(originalUrl)}`);
  }
}
