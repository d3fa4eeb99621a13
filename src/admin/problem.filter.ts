import { Catch, HttpException, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import type { Request, Response } from 'express';
import { isDomainError, translate, type DomainErrorTable } from '../common/domain-error.js';
import { Log } from '../logging/log.js';
import { ADMIN_PATH } from './admin-path.js';
import { problemOf, ProblemException, PROBLEMS, type Problem, type ProblemKind } from './problem.js';

/** As `AdminAccess` forgives. */
const RETRY_AFTER_SECONDS = 6;

const internal = (): Problem => problemOf('internal');

/** What a request gets for each domain error. */
const ADMIN_ERRORS: DomainErrorTable<Problem> = {
  CREDENTIALS_MISSING: () => problemOf('unauthorized'),
  NOT_AUTHORIZED: () => problemOf('forbidden'),
  REALM_UNKNOWN: () => problemOf('not-found', 'There is no such realm.'),
  CLIENTS_LIMIT_REACHED: ({ limit }) => problemOf('limit-reached', `No more than ${limit} clients are allowed.`),
  CLIENT_NOT_FOUND: ({ id }) => problemOf('not-found', `There is no client ${JSON.stringify(id)}.`),
  ID_TAKEN: internal,
  ROOM_NOT_FOUND: ({ room }) => problemOf('not-found', `There is no room ${JSON.stringify(room)}.`),
  ROOM_EXISTS: ({ room }) => problemOf('room-exists', `There is a room ${JSON.stringify(room)} already.`),
  ALREADY_IN_ROOM: internal,
  NOT_IN_ROOM: ({ room }) => problemOf('not-a-member', `The client is not in the room ${JSON.stringify(room)}.`),
  NOT_ROOM_CREATOR: internal,
  INVALID_MESSAGE: ({ reason }) => problemOf('bad-request', reason),
  INVALID_REQUEST: ({ reason }) => problemOf('bad-request', reason),
  UNKNOWN_EVENT: internal,
  UNSUPPORTED_BY_TARGET: ({ kind }) => problemOf('not-supported-by-client', `The client's protocol has no ${kind}.`),
  LIMIT_REACHED: ({ what, limit }) => problemOf('limit-reached', `No more than ${limit} ${what} are allowed.`),
  RATE_EXCEEDED: internal,
  UNAVAILABLE: () => problemOf('unavailable', 'A node or the backplane does not answer.'),
  INTERNAL: internal,
};

/** Answers whatever a controller throws as `application/problem+json`. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const problem = this.problemFor(error);
    const response = host.switchToHttp().getResponse<Response>();
    if (response.headersSent) return void response.end();
    if (problem.status === 429) response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
    if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  }

  private problemFor(error: unknown): Problem {
    if (isDomainError(error)) return translate(error, ADMIN_ERRORS);
    if (error instanceof ProblemException) return problemOf(error.kind, error.detail);
    if (error instanceof HttpException && error.getStatus() < 500) return problemOf(kindOf(error), detailOf(error));
    if (isRefusedByExpress(error)) return problemOf(error.status === 413 ? 'too-large' : 'bad-request', error.message);
    this.log.pino.error({ err: error }, 'a request could not be answered');
    return problemOf('internal');
  }
}

/** What body-parser and Express throw: errors with a status of their own. */
function isRefusedByExpress(error: unknown): error is Error & { status: number } {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status < 500;
}

function kindOf(error: HttpException): ProblemKind {
  const known = Object.entries(PROBLEMS).find(([, [status]]) => Number(status) === error.getStatus());
  return (known?.[0] as ProblemKind | undefined) ?? 'bad-request';
}

/** Nest's ValidationPipe says in a list what is wrong. */
function detailOf(error: HttpException): string {
  const response = error.getResponse() as string | { message?: string | string[] };
  const message = typeof response === 'string' ? response : (response.message ?? error.message);
  return Array.isArray(message) ? message.join('; ') : message;
}

/**
 * Answers what goes wrong below the admin API's path before a controller is reached (a body that is no JSON, an unknown route)
 * in the same way; everything else is Nest's.
 */
@Catch()
export class AdminPathFilter extends BaseExceptionFilter {
  constructor(
    { httpAdapter }: HttpAdapterHost,
    private readonly problems: ProblemFilter,
  ) {
    super(httpAdapter);
  }

  override catch(error: unknown, host: ArgumentsHost): void {
    const isOurs = host.getType() === 'http' && isAdminPath(host.switchToHttp().getRequest<Request>().originalUrl);
    if (isOurs) this.problems.catch(error, host);
    else super.catch(error, host);
  }
}

function isAdminPath(url: string): boolean {
  return url.startsWith(`/${ADMIN_PATH}/`) || url === `/${ADMIN_PATH}`;
}
