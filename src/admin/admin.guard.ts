import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AdminAccess } from '../access/admin-access.js';
import type { Admin } from '../access/admin-token.js';
import { protect } from '../common/security-headers.js';
import { AdminPort } from '../transport/http/admin-port.js';
import { RequestRouter } from '../transport/http/request-router.js';
import { ProblemException } from './problem.js';
import { mayUse } from './realm-scope.js';

/** An authenticated request. */
export type AdminRequest = Request & { admin?: Admin };

/** Whether a request changes something. */
export function isChange({ method }: Request): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/**
 * Requires a token: any for reading, one with the role `operate` for changes. A token that is bound to realms opens only
 * these.
 */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(
    private readonly access: AdminAccess,
    private readonly router: RequestRouter,
    private readonly adminPort: AdminPort,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    protect(http.getResponse<Response>());
    const request = http.getRequest<AdminRequest>();
    if (this.adminPort.hides(request)) throw new ProblemException('not-found');
    if (!this.access.isOn) throw new ProblemException('not-found', 'The admin API is off: no token is configured.');
    const admin = this.access.admit(request.headers.authorization, this.router.addressOf(request));
    if (admin === 'locked') throw new ProblemException('too-many-attempts');
    if (admin === 'refused') throw new ProblemException('unauthorized', 'A valid bearer token is needed.');
    // HTTP clients normalise `…/x/clients/..` to `…/x/`, which must not end the room x.
    if (isChange(request) && request.path.endsWith('/')) throw new ProblemException('not-found');
    if (isChange(request) && admin.role !== 'operate') {
      throw new ProblemException('forbidden', 'This token may only read.');
    }
    if (!mayUse(admin, request, context.getHandler())) {
      throw new ProblemException('forbidden', 'This token is bound to other realms.');
    }
    request.admin = admin;
    return true;
  }
}
