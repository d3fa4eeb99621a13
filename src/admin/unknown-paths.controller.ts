import { All, Controller, NotFoundException, Req, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request } from 'express';
import { maskedTarget } from '../common/masked-target.js';
import { AdminPort } from '../transport/http/admin-port.js';
import { ADMIN_PATH } from './admin-path.js';
import { ProblemFilter } from './problem.filter.js';
import { ProblemException } from './problem.js';

/**
 * Answers requests below the path of the admin API that no other controller takes. On a port where the API is hidden, it
 * answers them as the guard answers those of the others.
 */
@ApiExcludeController()
@Controller(ADMIN_PATH)
@UseFilters(ProblemFilter)
export class AdminUnknownPathsController {
  constructor(private readonly adminPort: AdminPort) {}

  @All(['', '*path'])
  notFound(@Req() request: Request): never {
    if (this.adminPort.hides(request)) throw new ProblemException('not-found');
    const { method, originalUrl } = request;
    throw new NotFoundException(`Cannot ${method} ${maskedTarget(originalUrl)}`);
  }
}
