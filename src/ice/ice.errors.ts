import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import type { Swagger } from '../common/documented.js';
import { DomainError } from '../common/domain-error.js';

/** Responds to errors of the ICE endpoints with a status and the code of the error. */
@Catch(DomainError)
export class IceExceptionFilter implements ExceptionFilter<DomainError> {
  catch({ status, code }: DomainError, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    if (code === 'UNAUTHENTICATED') response.setHeader('WWW-Authenticate', 'Bearer');
    response.status(status).setHeader('Cache-Control', 'no-store').json({ error: code });
  }
}

/** Describes the error responses of the ICE endpoints. */
export function documentedRefusals({ ApiResponse }: Swagger): MethodDecorator[] {
  return Object.entries({
    400: 'A parameter is missing or wrong',
    401: 'The token is missing or bad',
    403: 'The token does not permit this',
    404: 'There is no such realm, or it has no TURN server',
    429: 'Too many requests, or too many bad tokens, have come from the address',
    503: 'The servers are not known at the moment',
  }).map(([status, description]) => ApiResponse({ status: Number(status), description }));
}
