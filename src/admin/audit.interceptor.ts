import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import type { Observable } from 'rxjs';
import { maskedTarget } from '../common/masked-target.js';
import { AuditLog } from '../logging/audit-log.js';
import { type AdminRequest, isChange } from './admin.guard.js';

/** Writes an audit line for each change, with the admin and the outcome, before the answer leaves the server. */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(private readonly audit: AuditLog) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<AdminRequest>();
    const { method, admin, originalUrl } = request;
    if (isChange(request)) {
      const reason = (request.body as { reason?: unknown } | undefined)?.reason;
      const order = orderOf(request.body);
      const path = maskedTarget(originalUrl);
      onOutcome(http.getResponse<Response>(), (status) => {
        this.audit.write({ audit: true, admin: admin?.name, method, path, status, reason, order }, 'admin');
      });
    }
    return next.handle();
  }
}

/** Calls a function once: with the status before the head of a response is written, or without one if the client goes. */
function onOutcome(response: Response, report: (status?: number) => void): void {
  const writeHead = response.writeHead.bind(response) as (...head: unknown[]) => Response;
  const onClose = (): void => report();
  response.once('close', onClose);
  response.writeHead = ((...head: unknown[]) => {
    response.off('close', onClose);
    response.writeHead = writeHead as typeof response.writeHead;
    report(Number(head[0]));
    return writeHead(...head);
  }) as typeof response.writeHead;
}

/** Members of bodies that say what a request changes. */
const AUDITED = ['ids', 'user', 'address', 'room', 'realm', 'level', 'seconds', 'disconnect'];

/** Returns the members of a body that the audit log shows, if there are any. The body is not validated yet. */
function orderOf(body: unknown): Record<string, unknown> | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const members = Object.entries(body).filter(([name]) => AUDITED.includes(name));
  return members.length === 0 ? undefined : Object.fromEntries(members);
}
