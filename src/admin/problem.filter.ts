import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { isDomainError } from '../common/domain-error.js';
import { retryHeaders } from '../common/retry-after.js';
import { protect } from '../common/security-headers.js';
import { Log } from '../logging/log.js';
import { problemOfError } from './admin.errors.js';
import { ADMIN_PATH } from './admin-path.js';
import { type Problem, ProblemException, type ProblemKind, problemOf, PROBLEMS } from './problem.js';

/** Converts exceptions of controllers to `application/problem+json` responses. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    this.answer(error, host.switchToHttp().getResponse<Response>());
  }

  /**
   * Converts errors of a request before it reaches a controller, such as an invalid body, below the path of the admin API.
   * Leaves all other errors to the application.
   */
  catchEarly(error: unknown, { originalUrl }: Request, response: Response, next: (error: unknown) => void): void {
    if (isRefusedByExpress(error) && isAdminTarget(originalUrl)) this.answer(error, response);
    else next(error);
  }

  private answer(error: unknown, response: Response): void {
    const problem = this.problemFor(error);
    if (response.headersSent) return void response.end();
    // Requests that reached no controller have no security headers yet.
    protect(response);
    response.set(retryHeaders(problem.status));
    if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  }

  private problemFor(error: unknown): Problem {
    if (isDomainError(error)) return problemOfError(error);
    if (error instanceof ProblemException) return problemOf(error.kind, error.detail);
    if (error instanceof HttpException && error.getStatus() < 500) return problemOf(kindOf(error), detailOf(error));
    if (isRefusedByExpress(error)) return problemOf(error.status === 413 ? 'too-large' : 'bad-request', error.message);
    this.log.logger.error({ err: error }, 'request failed');
    return problemOf('internal');
  }
}

/** Whether an error is one of body-parser or Express, which have a status. */
function isRefusedByExpress(error: unknown): error is Error & { status: number } {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status < 500;
}

function kindOf(error: HttpException): ProblemKind {
  const known = Object.entries(PROBLEMS).find(([, [status]]) => (status as number) === error.getStatus());
  return (known?.[0] as ProblemKind | undefined) ?? 'bad-request';
}

/** Joins the list of messages of Nest's ValidationPipe. */
function detailOf(error: HttpException): string {
  const response = error.getResponse() as string | { message?: string | string[] };
  const message = typeof response === 'string' ? response : (response.message ?? error.message);
  return Array.isArray(message) ? message.join('; ') : message;
}

/** Whether a target is below the path of the admin API, with or without the global prefix of the application. */
function isAdminTarget(target: string): boolean {
  const [path = ''] = target.split('?', 1);
  return `${path}/`.includes(`/${ADMIN_PATH}/`);
}
