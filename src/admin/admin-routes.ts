import {
  applyDecorators,
  Controller,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
} from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AdminGuard } from './admin.guard.js';
import { ADMIN_PATH } from './admin-path.js';
import { AuditInterceptor } from './audit.interceptor.js';
import { ProblemFilter } from './problem.filter.js';
import { TracingInterceptor } from './tracing.interceptor.js';

/** Declares a controller of the admin API with guard, validation, audit log and OpenAPI description. */
export function AdminController(path: string, tag: string): ClassDecorator {
  return applyDecorators(
    Controller(`${ADMIN_PATH}/${path}`),
    UseGuards(AdminGuard),
    UseInterceptors(TracingInterceptor, AuditInterceptor),
    UseFilters(ProblemFilter),
    UsePipes(new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true })),
    ApiTags(tag),
    ApiBearerAuth(),
  );
}
