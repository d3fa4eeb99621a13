import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import type { Swagger } from '../common/documented.js';
import { DomainError, type DomainErrorCode } from '../common/domain-error.js';
import { CHALLENGE } from './ice.documents.js';

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
  const refusals: readonly [number, DomainErrorCode, string][] = [
    [400, 'INVALID_REQUEST', 'A parameter is missing or wrong'],
    [401, 'UNAUTHENTICATED', 'The token is missing or bad'],
    [403, 'NOT_AUTHORIZED', 'The token does not permit this, or the page may not use the realm'],
    [404, 'REALM_UNKNOWN', 'There is no such realm, or it has no TURN server'],
    [429, 'RATE_EXCEEDED', 'Too many requests, or too many bad tokens, have come from the address'],
    [503, 'UNAVAILABLE', 'The servers are not known at the moment'],
  ];
  return refusals.map(([status, error, description]) => {
    const schema = { type: 'object', required: ['error'], properties: { error: { type: 'string', example: error } } };
    const headers = status === 401 ? CHALLENGE : undefined;
    return ApiResponse({
      status,
      description,
      headers,
      content: { 'application/json': { schema, example: { error } } },
    });
  });
}
