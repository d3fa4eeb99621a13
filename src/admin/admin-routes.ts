import {
  applyDecorators,
  Controller,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
} from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiForbiddenResponse,
  ApiInternalServerErrorResponse,
  ApiNotFoundResponse,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnauthorizedResponse,
  getSchemaPath,
  ApiExtraModels,
  type ApiResponseOptions,
} from '@nestjs/swagger';
import { ADMIN_PATH } from './admin-path.js';
import { AdminGuard } from './admin.guard.js';
import { AuditInterceptor } from './audit.interceptor.js';
import { ProblemFilter } from './problem.filter.js';
import { Problem } from './problem.js';

/** How a problem looks in the OpenAPI document. */
export function problem(description: string): ApiResponseOptions {
  return { description, content: { 'application/problem+json': { schema: { $ref: getSchemaPath(Problem) } } } };
}

/** Makes a class a controller of the admin API: guarded, validated, audited, and described. */
export function AdminController(path: string): ClassDecorator {
  return applyDecorators(
    Controller(`${ADMIN_PATH}/${path}`),
    UseGuards(AdminGuard),
    UseInterceptors(AuditInterceptor),
    UseFilters(ProblemFilter),
    UsePipes(new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true })),
    ApiTags('Administration'),
    ApiBearerAuth(),
    ApiExtraModels(Problem),
    ApiBadRequestResponse(problem('A parameter or the body is not what it has to be')),
    ApiUnauthorizedResponse(problem('No valid token')),
    ApiForbiddenResponse(problem('The token may only read')),
    ApiNotFoundResponse(problem('There is no such thing, or the admin API is off')),
    ApiTooManyRequestsResponse(problem('Too many failed attempts from this address')),
    ApiInternalServerErrorResponse(problem('Something went wrong; the log says what')),
  );
}
