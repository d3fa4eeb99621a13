import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import type { Observable } from 'rxjs';
import { maskedTarget } from '../common/masked-target.js';
import { Log } from '../logging/log.js';
import { type AdminRequest, isChange } from './admin.guard.js';

/** Writes a log line for each change, with the admin and the outcome. */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(private readonly log: Log) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<AdminRequest>();
    const { method, admin, originalUrl } = request;
    if (isChange(request)) {
      const response = http.getResponse<Response>();
      const reason = (request.body as { reason?: unknown } | undefined)?.reason;
      response.once('close', () => {
        const { statusCode: status } = response;
        const path = maskedTarget(originalUrl);
        this.log.logger.info({ audit: true, admin: admin?.name, method, path, status, reason }, 'admin');
      });
    }
    return next.handle();
  }
}
