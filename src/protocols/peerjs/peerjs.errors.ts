import { type ArgumentsHost, Catch, type ExceptionFilter, HttpStatus, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { DomainError, type DomainErrorTable, translate } from '../../common/domain-error.js';
import { DomainErrorFilter } from '../../transport/endpoint/domain-error.filter.js';
import type { Connection } from '../../transport/websocket/connection.js';
import type { Frame } from '../../transport/websocket/text-frame.js';
import { errorFrame, ID_TAKEN } from './peerjs.messages.js';

const INVALID_KEY = 'Invalid key provided';
const INVALID_TOKEN = 'Invalid token provided';
/** The frame is dropped without an answer, because the client library destroys its peer after any `ERROR`. */
const nothing = (): undefined => undefined;

/** The answer to each domain error (PROTOCOL.md, "Connecting"). A client that gets an answer is also disconnected. */
export const PEERJS_ERRORS: DomainErrorTable<Frame | undefined> = {
  CREDENTIALS_MISSING: () => errorFrame('No id, token, or key supplied to websocket server'),
  REALM_UNKNOWN: () => errorFrame(INVALID_KEY),
  UNAUTHENTICATED: () => errorFrame(INVALID_TOKEN),
  NOT_AUTHORIZED: () => errorFrame(INVALID_TOKEN),
  ID_TAKEN: () => ID_TAKEN,
  CLIENTS_LIMIT_REACHED: () => errorFrame('Server has reached its concurrent user limit'),
  LIMIT_REACHED: ({ what, limit }) => errorFrame(`No more than ${limit} ${what} are allowed`),
  RATE_EXCEEDED: ({ framesPerSecond }) => errorFrame(`No more than ${framesPerSecond} messages per second are allowed`),
  CLIENT_NOT_FOUND: nothing,
  ROOM_NOT_FOUND: nothing,
  ROOM_EXISTS: nothing,
  ALREADY_IN_ROOM: nothing,
  NOT_IN_ROOM: nothing,
  NOT_ROOM_CREATOR: nothing,
  INVALID_MESSAGE: nothing,
  INVALID_REQUEST: nothing,
  UNKNOWN_EVENT: nothing,
  UNSUPPORTED_BY_TARGET: nothing,
  TARGET_BUSY: nothing,
  UNAVAILABLE: nothing,
  INTERNAL: nothing,
};

/** Answers errors of the gateway and of the admission. */
@Injectable()
export class PeerJsExceptionFilter extends DomainErrorFilter<Connection> {
  protected override answer(connection: Connection, error: DomainError): void {
    const frame = translate(error, PEERJS_ERRORS);
    if (frame) connection.write(frame);
  }
}

interface HttpError {
  readonly status: HttpStatus;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const unauthorized = (): HttpError => ({ status: HttpStatus.UNAUTHORIZED, text: 'Unauthorized' });
const tooMany = (): HttpError => ({ status: HttpStatus.TOO_MANY_REQUESTS, text: 'Too Many Requests' });
const failed = (): HttpError => ({ status: HttpStatus.INTERNAL_SERVER_ERROR, text: 'Internal Server Error' });
/** The response to errors that no HTTP request causes. */
const impossible = failed;

/** The HTTP response to each domain error. */
const PEERJS_HTTP_ERRORS: DomainErrorTable<HttpError> = {
  REALM_UNKNOWN: () => ({ status: HttpStatus.UNAUTHORIZED, text: INVALID_KEY }),
  CREDENTIALS_MISSING: unauthorized,
  UNAUTHENTICATED: () => ({ ...unauthorized(), headers: { 'WWW-Authenticate': 'Bearer' } }),
  NOT_AUTHORIZED: () => ({ status: HttpStatus.FORBIDDEN, text: 'Forbidden' }),
  UNAVAILABLE: () => ({ status: HttpStatus.SERVICE_UNAVAILABLE, text: 'Service Unavailable' }),
  ID_TAKEN: () => ({ status: HttpStatus.SERVICE_UNAVAILABLE, text: 'No free id was found' }),
  INTERNAL: failed,
  CLIENTS_LIMIT_REACHED: impossible,
  LIMIT_REACHED: tooMany,
  RATE_EXCEEDED: tooMany,
  CLIENT_NOT_FOUND: impossible,
  ROOM_NOT_FOUND: impossible,
  ROOM_EXISTS: impossible,
  ALREADY_IN_ROOM: impossible,
  NOT_IN_ROOM: impossible,
  NOT_ROOM_CREATOR: impossible,
  INVALID_MESSAGE: impossible,
  INVALID_REQUEST: impossible,
  UNKNOWN_EVENT: impossible,
  UNSUPPORTED_BY_TARGET: impossible,
  TARGET_BUSY: impossible,
};

/** Returns the HTTP response to an error. */
export function httpErrorOf(error: DomainError): HttpError {
  return translate(error, PEERJS_HTTP_ERRORS);
}

/** Responds to errors of the controller with a status and a text. */
@Catch(DomainError)
export class PeerJsHttpExceptionFilter implements ExceptionFilter<DomainError> {
  catch(error: DomainError, host: ArgumentsHost): void {
    const { status, text, headers = {} } = httpErrorOf(error);
    host.switchToHttp().getResponse<Response>().status(status).set(headers).type('text/plain').send(text);
  }
}
