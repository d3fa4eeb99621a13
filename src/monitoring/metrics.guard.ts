import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  HttpException,
  HttpStatus,
  Injectable,
  NotFoundException,
  UnauthorizedException,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import { AdminAccess } from '../access/admin-access.js';
import { isLocalRequest } from '../access/local-request.js';
import { AdminOptions } from '../config/sections/admin.options.js';
import { AdminPort } from '../transport/http/admin-port.js';
import { RequestRouter } from '../transport/http/request-router.js';

const TOO_MANY_ATTEMPTS = HttpException.createBody(
  'Too many failed attempts.',
  'Too Many Requests',
  HttpStatus.TOO_MANY_REQUESTS,
);

/** The errors of refused requests for the metrics. */
export const METRICS_REFUSALS = {
  elsewhere: (): HttpException => new NotFoundException(),
  off: (): HttpException => new ForbiddenException('Metrics need an admin token, except from this machine.'),
  locked: (): HttpException => new HttpException(TOO_MANY_ATTEMPTS, TOO_MANY_ATTEMPTS.statusCode),
  bound: (): HttpException => new ForbiddenException('This token is bound to realms, and metrics are of all of them.'),
  noToken: (): HttpException => new UnauthorizedException('An admin token is needed.'),
};

/** Allows requests for the metrics from this machine or with an admin token, and refuses all others. */
@Injectable()
export class MetricsGuard implements CanActivate {
  constructor(
    private readonly access: AdminAccess,
    private readonly router: RequestRouter,
    private readonly options: AdminOptions,
    private readonly adminPort: AdminPort,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    // With metricsPort, the metrics are on that port only.
    if (this.options.metricsPort !== 0 || this.adminPort.hides(request)) throw METRICS_REFUSALS.elsewhere();
    if (isLocalRequest(request)) return true;
    if (!this.access.isOn) throw METRICS_REFUSALS.off();
    const admin = this.access.admit(request.headers.authorization, this.router.addressOf(request));
    if (admin === 'locked') throw METRICS_REFUSALS.locked();
    if (admin !== 'refused' && admin.realms) throw METRICS_REFUSALS.bound();
    if (admin !== 'refused') return true;
    http.getResponse<Response>().setHeader('WWW-Authenticate', 'Bearer');
    throw METRICS_REFUSALS.noToken();
  }
}
