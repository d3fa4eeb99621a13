import type { IncomingMessage } from 'node:http';
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
import { AdminOptions } from '../config/sections/admin.options.js';
import { AdminPort } from '../transport/http/admin-port.js';
import { RequestRouter } from '../transport/http/request-router.js';

const LOOPBACK_ADDRESS = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/i;
const LOOPBACK_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;
/** Headers that only proxies set. */
const OF_PROXIES = /^(forwarded|via|x-forwarded-.*|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|cf-.*)$/;

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
    if (isLocal(request)) return true;
    if (!this.access.isOn) throw METRICS_REFUSALS.off();
    const admin = this.access.admit(request.headers.authorization, this.router.addressOf(request));
    if (admin === 'locked') throw METRICS_REFUSALS.locked();
    if (admin !== 'refused' && admin.realms) throw METRICS_REFUSALS.bound();
    if (admin !== 'refused') return true;
    http.getResponse<Response>().setHeader('WWW-Authenticate', 'Bearer');
    throw METRICS_REFUSALS.noToken();
  }
}

/**
 * Whether a request is from a program on this machine, and not from a proxy on this machine on behalf of another
 * client. A proxy adds a header, keeps the client's Host, or speaks HTTP/1.0, as nginx does by default. A foreign Host
 * also reveals a page that uses DNS rebinding.
 */
function isLocal({ headers, httpVersion, socket }: IncomingMessage): boolean {
  return (
    httpVersion !== '1.0' &&
    LOOPBACK_ADDRESS.test(socket.remoteAddress ?? '') &&
    LOOPBACK_HOST.test(headers.host ?? '') &&
    !Object.keys(headers).some((name) => OF_PROXIES.test(name))
  );
}
